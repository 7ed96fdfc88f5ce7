"""Receivers of webhooks in this process, which answer as a test wants."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook

#: Answers to a request: returns the status, or writes an answer of its own and returns None.
Answer = Callable[["Handler"], int | None]


class Handler(BaseHTTPRequestHandler):
    """Records what arrives, in order of arrival."""

    server: "Receiver"

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.arrived.append((dict(self.headers), self.body, time.monotonic()))
        status = self.server.answer(self)
        if status is not None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"thanks")

    def log_message(self, *args: object) -> None:
        pass


class Receiver(ThreadingHTTPServer):
    """A server on loopback; ``answer`` may be changed at any time."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.arrived: list[tuple[dict[str, str], bytes, float]] = []
        self.answer: Answer = lambda handler: 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/talk"

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(body) for _, body, _ in self.arrived]

    def verified(self, secret: str) -> list[dict]:
        """Return the bodies; raises if a signature is wrong."""
        return [Webhook(secret).verify(body, headers) for headers, body, _ in self.arrived]

    def handle_error(self, *args: object) -> None:
        """Say nothing of clients that went away."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
