"""Bodies of 2.4 MB, which are refused unread, with and without their length."""

import asyncio
from http import HTTPStatus

from talk_calls.contrib.simulation.http import (
    Connection,
    Response,
    Unreachable,
    encode_request,
    read_response,
)
from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site, api, headers_of

#: How many are sent, how many at a time, and of what size.
_COUNT, _AT_ONCE, _SIZE = 200, 4, 2_400_000

#: Milliseconds of CPU of the server that one may cost; 2.4 MB of numbers once cost 8.3 s.
_MOST = 100


def run(site: Site) -> list[Figure]:
    """Send the bodies, and count the answers."""
    before = site.state
    answers = asyncio.run(_send_all(site))
    cost = 1000 * (site.state.cpu - before.cpu) / len(answers)
    refused = sum(each == HTTPStatus.REQUEST_ENTITY_TOO_LARGE for each in answers)
    return [
        Figure("bodies", len(answers)),
        Figure("answers of 413", refused),
        Figure("connections that were closed instead", answers.count(None)),
        Figure("other answers", len(answers) - refused - answers.count(None), most=0),
        Figure("a body", cost, "ms CPU", most=_MOST),
    ]


async def _send_all(site: Site) -> list[int | None]:
    numbers = b"[" + b",".join([b"1"] * (_SIZE // 2)) + b"]"
    body = b'{"silentFor":' + numbers + b"}"
    gate = asyncio.Semaphore(_AT_ONCE)
    return await asyncio.gather(
        *(_send(site, body, gate, chunked=bool(number % 2)) for number in range(_COUNT))
    )


async def _send(site: Site, body: bytes, gate: asyncio.Semaphore, *, chunked: bool) -> int | None:
    """Return the status, or None if the server closed the connection before it was read."""
    group = site.groups[0]
    async with gate:
        connection = site.client()
        headers, path = headers_of(group.members[0]), api(f"v4/call/{group.token}")
        try:
            if chunked:
                return (await _send_chunked(connection, path, headers, body)).status
            return (await connection.send(encode_request("POST", path, headers, body))).status
        except (Unreachable, OSError, EOFError):
            return None
        finally:
            connection.close()


async def _send_chunked(
    connection: Connection, path: str, headers: dict[str, str], body: bytes
) -> Response:
    """Send a body in one chunk, without ``Content-Length``."""
    reader, writer = await connection.open()
    head = encode_request("POST", path, {**headers, "Transfer-Encoding": "chunked"}, b"")
    head = head.replace(b"Content-Length: 0\r\n", b"")
    writer.write(head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    await writer.drain()
    return await read_response(reader)
