"""The demo site, which writes down what it tells the signaling server.

BENCHMARK_TOLD   the file: a line for each message, with its type and its bytes
BENCHMARK_NAIVE  1 to tell of each change by a message of its own
"""

import os

from project.asgi import application
from talk_calls.hpb.connections import Connection
from tests.benchmarks.signaling import naive

__all__ = ["application"]

_post = Connection.post
_told = os.open(os.environ["BENCHMARK_TOLD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def _post_and_note(connection: Connection, token: str, body: bytes) -> None:
    kind = body[:40].split(b'"')[3].decode()  # {"type":"incall",...
    os.write(_told, f"{kind} {len(body)}\n".encode())
    _post(connection, token, body)


setattr(Connection, "post", _post_and_note)  # noqa: B010 -- mypy lets nobody assign to a method

if os.environ.get("BENCHMARK_NAIVE"):
    naive.install()
