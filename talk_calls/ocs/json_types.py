"""Types of JSON values in Python, for everything that parses or renders them."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

#: Any JSON value. ``Sequence`` and ``Mapping`` are covariant, so a ``list[str]`` fits.
JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"

#: A JSON object: values by name.
JSONObject: TypeAlias = dict[str, JSON]
