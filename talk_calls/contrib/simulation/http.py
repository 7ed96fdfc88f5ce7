"""A minimal asynchronous HTTP client for the API: one connection that stays open, and cookies.

The race and the benchmarks use it too (``tests.race``, ``tests.benchmarks``). It is no library, so
that a site needs no further package, callers can tell a connection that broke from a refusal, and a
load generator takes little CPU from the server that it measures.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

#: Seconds that a response may take; a poll waits half of that.
TIMEOUT = 60

_DEFAULT_HEADERS = {
    "OCS-APIRequest": "true",
    "Accept": "application/json",
    "Content-Type": "application/json",
    "User-Agent": "talk_calls",
}


class Unreachable(Exception):
    """The connection failed, or what came back is no complete HTTP response."""


class NoResponse(Unreachable):
    """The connection stayed open, but no response came in time."""


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response.

    ``headers`` have names in lower case; ``cookies`` are those that the response sets.
    """

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """Return ``ocs.data`` of the JSON body, or None if there is none."""
        try:
            return json.loads(self.body)["ocs"]["data"]
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(slots=True)
class Connection:
    """A connection to the server at ``url``, opened when it is needed.

    ``headers`` go with each request and override the defaults. ``cookies`` are sent, and updated by
    each response; several connections may share them. ``timeout`` is in seconds, None for no limit.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    timeout: float | None = TIMEOUT
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, method: str, path: str, body: bytes = b"") -> Response:
        """Send a request and return its response.

        Raises ``NoResponse`` if none comes in time, ``Unreachable`` if the connection fails.
        """
        reused = self._streams is not None
        request = encode_request(method, self._prefixed(path), self._all_headers(), body)
        try:
            response = await self.send(request)
        except Unreachable as error:
            # A server may close a connection that was idle for a while at any moment.
            if not (reused and isinstance(error.__cause__, EOFError | ConnectionError)):
                raise
            response = await self.send(request)
        self.cookies.update(response.cookies)
        return response

    async def send(self, request: bytes) -> Response:
        """Send an encoded request once, as it is; raises what ``request`` raises."""
        try:
            async with asyncio.timeout(self.timeout):
                response = await self._exchange(request)
        except TimeoutError as error:
            self.close()
            raise NoResponse(str(error) or "no response in time") from error
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Unreachable(str(error) or type(error).__name__) from error
        if response.headers.get("connection", "").lower() == "close":
            self.close()
        return response

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect, unless there is a connection; return its streams."""
        if self._streams is None:
            parts = urlsplit(self.url)
            secure = ssl.create_default_context() if parts.scheme == "https" else None
            port = parts.port or (443 if secure else 80)
            self._streams = await asyncio.open_connection(parts.hostname, port, ssl=secure)
        return self._streams

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: bytes) -> Response:
        reader, writer = await self.open()
        writer.write(request)
        await writer.drain()
        return await read_response(reader)

    def _prefixed(self, path: str) -> str:
        return urlsplit(self.url).path.rstrip("/") + path

    def _all_headers(self) -> dict[str, str]:
        headers = {"Host": urlsplit(self.url).netloc, **self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return headers


def encode_request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a request as it is sent; ``headers`` override the defaults and contain ``Host``."""
    everything = {**_DEFAULT_HEADERS, **headers, "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in everything.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def read_response(reader: asyncio.StreamReader) -> Response:
    """Read one response.

    Raises ``EOFError`` if the connection ends within it, ``ValueError`` if it is not HTTP.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for line in lines:
        name, _, text = line.partition(":")
        name, text = name.lower(), text.strip()
        headers[name] = text
        if name == "set-cookie":
            cookie, _, value = text.partition(";")[0].partition("=")
            cookies[cookie] = value
    status = int(status_line.split(" ", 2)[1])
    return Response(status, headers, cookies, await _read_body(reader, headers))


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
