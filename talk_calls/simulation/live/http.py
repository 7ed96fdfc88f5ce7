"""As much HTTP as a client of Talk needs: one connection that is kept, and cookies."""

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

#: Seconds that an answer may take; a poll waits half of that.
PATIENCE = 60


class Unreachable(Exception):
    """Nobody answers at the address, or nobody who speaks HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the data of an answer; None if there is none that can be read."""

    status: int
    data: Any


@dataclass(slots=True)
class Connection:
    """A connection to a server, opened when it is needed; ``cookies`` may be shared."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, **values: Any) -> Answer:
        """Send a request and return the answer; raises ``Unreachable``."""
        reused = self._streams is not None
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._asked(method, path, values)
        except (OSError, asyncio.IncompleteReadError, ValueError, TimeoutError) as error:
            self.close()
            # A server may close a connection that nobody used for a while at any moment.
            if reused and isinstance(error, asyncio.IncompleteReadError | ConnectionError):
                return await self.ask(method, path, **values)
            raise Unreachable(str(error) or type(error).__name__) from error

    def close(self) -> None:
        """Close it; the next request opens another one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _asked(self, method: str, path: str, values: dict[str, Any]) -> Answer:
        reader, writer = await self._opened()
        writer.write(self._request(method, path, values))
        await writer.drain()
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(first.split(" ", 2)[1])
        headers = [(name.lower(), text.strip()) for name, _, text in map(_parted, lines)]
        self.cookies.update(_cookie(text) for name, text in headers if name == "set-cookie")
        known = dict(headers)
        body = await _body(reader, known)
        if known.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, _data(body))

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            parts = urlsplit(self.url)
            secure = ssl.create_default_context() if parts.scheme == "https" else None
            port = parts.port or (443 if secure else 80)
            self._streams = await asyncio.open_connection(parts.hostname, port, ssl=secure)
        return self._streams

    def _request(self, method: str, path: str, values: dict[str, Any]) -> bytes:
        parts = urlsplit(self.url)
        body = json.dumps(values).encode() if values else b""
        lines = [
            f"{method} {parts.path.rstrip('/')}{path} HTTP/1.1",
            f"Host: {parts.netloc}",
            "OCS-APIRequest: true",
            "Accept: application/json",
            "Content-Type: application/json",
            "User-Agent: talk_simulate",
            f"Content-Length: {len(body)}",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        return "\r\n".join([*lines, "", ""]).encode() + body


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    whole = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        whole += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return whole


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _cookie(text: str) -> tuple[str, str]:
    name, _, value = text.partition(";")[0].partition("=")
    return name, value


def _data(body: bytes) -> Any:
    try:
        return json.loads(body)["ocs"]["data"]
    except (ValueError, KeyError, TypeError):
        return None
