"""Reading JSON that a client sent: what is no JSON is refused, and so is what costs too much."""

import json
import math
from typing import Any, NoReturn

#: Lists and objects in one text. Making them is by far the most expensive part of reading, and a
#: thousand signaling messages have less than this.
MOST_CONTAINERS = 10_000


def read(text: str | bytes) -> Any:
    """Return the value; raises ``ValueError`` if the text is no JSON or has too many brackets.

    Brackets within texts count as well, so that one look is enough.
    """
    body = text.encode(errors="replace") if isinstance(text, str) else text
    if body.count(b"[") + body.count(b"{") > MOST_CONTAINERS:
        raise ValueError("too many lists and objects")
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("too many brackets in each other") from error


def _finite(number: str) -> float:
    """Refuse numbers such as 1e400, which Python takes for Infinity."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number} is out of range")
    return value


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON; recipients could not read them."""
    raise ValueError(f"{name} is not JSON")
