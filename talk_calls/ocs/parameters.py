"""The parameters of a request, from query, body and path (behaviour 2.6)."""

from collections.abc import Mapping
from typing import cast

from django.http import QueryDict
from rest_framework.request import Request


def merged(request: Request, path: Mapping[str, object]) -> dict[str, object]:
    """Return all parameters by name; the path always wins, and the body wins over the query.

    Of a repeated name the last value counts; ``name[]`` is a list called ``name``. Raises DRF's
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
    return {
        name.removesuffix("[]"): values.getlist(name) if name.endswith("[]") else values[name]
        for name in values
    }
