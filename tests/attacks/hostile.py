"""Values that break programs. Each stands for a kind, and none hides another: JSON carries all."""

import json

#: Characters that are no text: C0, DEL and C1, without NUL, which is a case of its own.
CONTROLS = "".join(map(chr, [*range(1, 32), *range(127, 160)]))

#: What any parser has to understand or refuse.
_TEXTS = [
    *("", " ", "\0", "a\0b", "\ud800", "a\udfffb", "'", '"', "\"'\\%00%s{}{0}$(x)<b>--", CONTROLS),
    "x" * 65536,
]

_DIGITS = [str(2**31), str(2**63), str(-(2**63) - 1), "9" * 4300, "9" * 4301]

#: For parameters that are text.
TEXTS = [*_TEXTS, "a" + CONTROLS + "b", "\u202eecila", "\u2066\u200b", "\U0001f600" * 300, *_DIGITS]

#: For numbers and booleans.
NUMBERS = [
    *_TEXTS,
    *_DIGITS,
    "NaN",
    "-Infinity",
    "1e400",
    "0x10",
    "1_5",
    "\u0663",
    "7\x1f",
    "[" * 2000,
]

#: What only JSON can say, as it is written there.
IN_JSON = [
    *("null", "true", "[]", "{}", "[[]]", "[null]", '{"a": [{}]}', '["\\u0000"]', '["\\ud800"]'),
    *("-0.0", "0.5", str(2**63), "1" + "0" * 4299),
]

#: What Python's JSON parser takes for JSON, and then what it cannot read.
NO_JSON = ["NaN", "1e400", "1" + "0" * 4300, "[" * 2000 + "]" * 2000, "\x00", "\ud800"]

#: What a form or a query can say, percent-encoded; the last is no UTF-8.
IN_FORM = ["%00", "%ED%A0%80", "%FF", "%", "9" * 4301, "&" * 1001]


def as_json(value: object) -> str:
    """Return a value as JSON; a lone surrogate is escaped."""
    return json.dumps(value)


def messages(own: str) -> list[str]:
    """Return signaling messages of a session as JSON, with each value in each place of one."""
    found = []
    for value in [*map(as_json, TEXTS), *IN_JSON, *NO_JSON[:4]]:
        for place in ("to", "type", "sid", "payload"):
            content = f'{{"to": "x", {as_json(place)}: {value}}}'
            found.append(f'[{{"ev": "message", "sessionId": {own}, "fn": {as_json(content)}}}]')
        for place in ("ev", "sessionId", "fn"):
            found.append(
                f'[{{"ev": "message", "sessionId": {own}, "fn": {{}}, "{place}": {value}}}]'
            )
    return found
