"""The HTTP client of simulation, race and benchmarks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from talk_calls.contrib.simulation.http import Connection, NoResponse, Unreachable, encode_request

EMPTY = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@asynccontextmanager
async def server(*connections: Sequence[bytes]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve one connection after the other, each with its responses; yield URL and request heads.

    A connection is closed after its last response.
    """
    heads: list[bytes] = []
    remaining = list(connections)

    async def serve(reader, writer):
        for response in remaining.pop(0):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(response)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", heads


def test_a_response():
    """It has a status, data of the OCS envelope, headers in lower case, and cookies."""

    async def run():
        raw = (
            b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 22\r\nRetry-After: 1\r\n"
            b"Set-Cookie: sessionid=abc; HttpOnly; Path=/\r\n\r\n"
            b'{"ocs": {"data": [] }}'
        )
        async with server([raw, EMPTY]) as (url, heads):
            connection = Connection(url, {"Authorization": "Basic x"})
            response = await connection.request("GET", "/room")
            await connection.request("GET", "/room")
            connection.close()
        return response, heads

    response, heads = asyncio.run(run())
    assert (response.status, response.data) == (503, [])
    assert response.headers["retry-after"] == "1"
    assert response.cookies == {"sessionid": "abc"}
    assert b"\r\nAuthorization: Basic x\r\n" in heads[0]
    assert b"\r\nCookie: sessionid=abc\r\n" in heads[1]


def test_a_chunked_response():
    """Chunks are joined, and the connection is used again."""

    async def run():
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        async with server([head + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", EMPTY]) as (url, _):
            connection = Connection(url)
            bodies = [(await connection.request("GET", "/")).body for _ in range(2)]
            connection.close()
        return bodies

    assert asyncio.run(run()) == [b"abc", b""]


@pytest.mark.parametrize(
    "part",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-le", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"],
)
def test_a_response_that_is_cut_off(part):
    """It is an error, and the request is not sent again."""

    async def run():
        async with server([part], [EMPTY]) as (url, heads):
            with pytest.raises(Unreachable):
                await Connection(url).request("GET", "/")
        return heads

    assert len(asyncio.run(run())) == 1


def test_an_idle_connection_that_the_server_closed():
    """``request`` sends again on a new connection; ``send`` does not."""

    async def run():
        async with server([EMPTY], [EMPTY], [EMPTY]) as (url, heads):
            connection = Connection(url)
            await connection.request("GET", "/")
            await connection.request("GET", "/")
            with pytest.raises(Unreachable):
                await connection.send(encode_request("GET", "/", {"Host": "x"}, b""))
        return heads

    assert len(asyncio.run(run())) == 2


def test_no_response_in_time():
    """It is another error than a connection that breaks."""

    async def run():
        silent = asyncio.Event()

        async def serve(reader, writer):
            await silent.wait()
            writer.close()

        listening = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            try:
                await Connection(f"http://127.0.0.1:{port}", timeout=0.1).request("GET", "/")
            finally:
                silent.set()

    with pytest.raises(NoResponse):
        asyncio.run(run())
