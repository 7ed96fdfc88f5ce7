"""The least of HTTP that is needed to ask a server something, on a connection of its own."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tests.race.nursery import HOST

#: Seconds after which a request counts as never answered.
PATIENCE = 100


@dataclass(frozen=True)
class Answer:
    """What came back; ``cookies`` as they are sent again."""

    status: int
    body: bytes = b""
    cookies: dict[str, str] = field(default_factory=dict)
    retry_after: bool = False
    date: str = ""

    @property
    def data(self) -> Any:
        """Return the payload."""
        return json.loads(self.body)["ocs"]["data"]


async def ask(
    port: int, method: str, path: str, headers: dict[str, str], body: str = ""
) -> Answer | None:
    """Return the answer, or None if the connection broke. Raises ``TimeoutError``."""
    async with asyncio.timeout(PATIENCE):
        try:
            reader, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            return None
        try:
            writer.write(_request(method, path, headers, body))
            return read(await reader.read())
        except OSError:
            return None
        finally:
            writer.close()


def read(answer: bytes) -> Answer | None:
    """Return what an answer says, or None if it is cut off."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [line.partition(": ")[::2] for line in lines]
    lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
    if lengths and len(body) < lengths[0]:
        return None
    cookies = [value for name, value in headers if name.lower() == "set-cookie"]
    return Answer(
        status=int(first.split()[1]),
        body=body,
        cookies=dict(cookie.split(";")[0].partition("=")[::2] for cookie in cookies),
        retry_after=any(name.lower() == "retry-after" for name, _ in headers),
        date=next((value for name, value in headers if name.lower() == "date"), ""),
    )


def _request(method: str, path: str, headers: dict[str, str], body: str) -> bytes:
    everything = {
        "Host": "talk.example",
        "X-Forwarded-Proto": "https",  # from the proxy that ends TLS
        "OCS-APIRequest": "true",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"{name}: {value}" for name, value in everything.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", body]).encode()
