"""Reading JSON that clients send: as bodies, and as text within them."""

import json
import math
from typing import NoReturn

from talk_calls.ocs.json_types import JSON

#: Levels of lists and objects in each other. What is deeper could be read, but not written again:
#: Python's limit counts the functions that are running, which are more by then.
MOST_LEVELS = 32


def loads(text: str | bytes) -> JSON:
    """Return the value of a JSON text; raises ``ValueError`` if it is none, or is nested deeper.

    Python alone would read NaN and Infinity, which are no JSON, and take ``1e400`` for Infinity;
    other clients could not read what we pass on.
    """
    try:
        value: JSON = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _is_deeper(value, MOST_LEVELS):
        raise ValueError("nested too deeply")
    return value


def _is_deeper(value: JSON, most: int) -> bool:
    level: list[JSON] = [value]
    for _ in range(most + 1):
        level = [child for each in level for child in _children(each)]
        if not level:
            return False
    return True


def _children(value: JSON) -> list[JSON]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number} is out of range")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
