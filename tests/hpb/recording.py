"""A signaling server that writes down what it is told, and fails as it is asked to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from talk_calls.hpb.signatures import signer
from talk_calls.servers import SignalingServer
from tests.hpb.conftest import SECRET
from tests.servers.ports import HOST

#: What version 2.0.2 can do, and 0.4.1.
NEW = "audio-video-permissions, hello-v2, incall-all, switchto"
OLD = "audio-video-permissions"


class RecordingServer(ThreadingHTTPServer):
    """The server; ``told`` are the messages as (token, type, content), in order.

    ``status`` is that of its answers; with ``hangs`` it waits for that many seconds.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.told: list[tuple[str, str, dict]] = []
        self.sizes: list[int] = []
        self.times: list[float] = []
        self.asked = 0
        self.connections = 0
        self.features = NEW
        self.status = 200
        self.hangs = 0.0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    @property
    def entry(self) -> dict[str, str]:
        """Return its entry in SERVERS."""
        return {"url": self.url, "secret": SECRET}

    def take(self) -> list[tuple[str, dict]]:
        """Return type and content of what it was told since the last time."""
        told, self.told = self.told, []
        return [(kind, content) for _, kind, content in told]


class _Handler(BaseHTTPRequestHandler):
    server: RecordingServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for headers and body

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        welcome = {"nextcloud-spreed-signaling": "Welcome", "version": "2.0.2"}
        self._answer(self.server.status, welcome)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        status = self.server.status  # once: tests change it at any time
        server = SignalingServer(self.server.url, SECRET)
        if signer([server], self.headers, body) is None:
            status = 403
        if status == 200 and not self.server.hangs:
            message = json.loads(body)
            token = self.path.rpartition("/")[2]
            self.server.told.append((token, message["type"], message[message["type"]]))
            self.server.sizes.append(len(body))
            self.server.times.append(time.monotonic())
        time.sleep(self.server.hangs)
        self._answer(status, {})

    def _answer(self, status: int, data: dict) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Spreed-Signaling-Features", self.server.features)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Write nothing."""


@contextmanager
def recording(port: int = 0) -> Iterator[RecordingServer]:
    server = RecordingServer(port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
