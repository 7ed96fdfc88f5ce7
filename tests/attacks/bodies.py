"""The largest bodies that are allowed, of each kind that costs most to read."""

import json
from collections.abc import Iterator

#: ``MAX_BODY``: longer bodies are refused unread.
BOUND = 256 * 1024

#: Brackets in each other; from somewhere near the end of them on Python refuses to read them.
DEPTHS = (100, 800, 900, 950)


def fill(before: str, item: str, after: str) -> bytes:
    """Return a JSON text of the largest size that is allowed, with an item as often as fits."""
    times = (BOUND - len(before) - len(after)) // (len(item) + 1)
    return (before + ",".join([item] * times) + after).encode()


def json_bodies(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the largest bodies in which one parameter is of each kind."""
    opening = f'{{"{name}":'
    room = BOUND - len(opening) - 1
    yield "numbers", fill(opening + "[", "1", "]}")
    yield "lists", fill(opening + "[", "[]", "]}")
    yield "9,998 lists", (opening + "[" + ",".join(["[]"] * 9_998) + "]}").encode()
    yield "texts", fill(opening + "[", '"a"', "]}")
    yield "empty texts", fill(opening + "[", '""', "]}")
    yield "objects", fill(opening + "[", "{}", "]}")
    yield "long text", (opening + '"' + "a" * (room - 2) + '"}').encode()
    yield "blanks", (opening + '"' + " " * (room - 2) + '"}').encode()
    yield "wide text", (opening + '"' + "é" * ((room - 2) // 2) + '"}').encode()
    yield "escapes", (opening + '"' + "\\u0001" * ((room - 2) // 6) + '"}').encode()
    yield "digits", (opening + '"' + "9" * (room - 2) + '"}').encode()
    yield "number", (opening + "9" * 4000 + "}").encode()
    yield "deep", (opening + "[" * (room // 2) + "]" * (room // 2) + "}").encode()
    for depth in DEPTHS:
        yield f"{depth} lists deep", (opening + "[" * depth + "]" * depth + "}").encode()
        yield f"{depth} deep", (opening + '{"a":' * depth + "1" + "}" * (depth + 1)).encode()


def messages(name: str, session: str) -> Iterator[tuple[str, bytes]]:
    """Yield the largest bodies of signaling messages, sent by a session to itself."""
    for kind, fn in {
        "small": '{"to":"x"}',
        "own": json.dumps({"to": session, "type": "candidate"}),
    }.items():
        item = json.dumps({"ev": "message", "fn": fn, "sessionId": session})
        times = min(1000, BOUND // (len(item) + 1) - 1)
        yield kind, json.dumps({name: [json.loads(item)] * times}, separators=(",", ":")).encode()
    for kind, content in {
        "numbers": "[" + ",".join(["1"] * 60_000) + "]",
        "lists": "[" + ",".join(["[]"] * 9_000) + "]",
        "deep": "[" * 60 + "]" * 60,
        "type": "[" + ",".join(["[]"] * 9_000) + "]",
    }.items():
        key = "type" if kind == "type" else "payload"
        fn = f'{{"to":"{session}","{key}":{content}}}'
        yield kind, f'{{"{name}":[{{"ev":"message","sessionId":"{session}","fn":{fn}}}]}}'.encode()
    yield "no messages", fill(f'{{"{name}":[', "0", "]}")
    yield "other events", fill(f'{{"{name}":[', "{}", "]}")
    for depth in DEPTHS:
        fn = '{"payload":' * depth + "1" + "}" * depth
        item = f'{{"ev":"message","sessionId":"{session}","fn":{fn}}}'
        yield f"fn {depth} deep", f'{{"{name}":[{item}]}}'.encode()
    many = [{"ev": "message", "fn": {"to": str(n)}, "sessionId": session} for n in range(300)]
    yield "recipients", json.dumps({name: json.dumps(many)}).encode()
