"""The parameters of a request, from query, body and path (behaviour 2.6)."""

import re
from collections.abc import Mapping
from typing import cast

from django.http import QueryDict
from rest_framework.request import Request

#: An item of a list, with or without its number.
_OF_LIST = re.compile(r"(?P<name>.*)\[[0-9]{0,4}\]")


def merged(request: Request, path: Mapping[str, object]) -> dict[str, object]:
    """Return all parameters by name; the path always wins, and the body wins over the query.

    Of a repeated name the last value counts; ``name[]``, or ``name[0]``, ``name[1]`` and so on, is
    a list called ``name``, in the order of the request. Raises DRF's
    ``ParseError`` or ``UnsupportedMediaType`` if the body cannot be read.
    """
    if error := getattr(request, "unreadable", None):
        raise error
    return {
        **_flat(request.query_params),
        **_flat(cast(Mapping[str, object], request.data)),
        **path,
    }


def _flat(values: Mapping[str, object]) -> dict[str, object]:
    if not isinstance(values, QueryDict):
        return dict(values)
    found: dict[str, object] = {}
    for name in values:
        of_list = _OF_LIST.fullmatch(name)
        if of_list is None:
            found[name] = values[name]
            continue
        items = found.get(of_list["name"])
        if not isinstance(items, list):
            items = found[of_list["name"]] = []
        items += values.getlist(name)
    return found
