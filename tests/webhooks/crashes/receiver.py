"""A receiver in a process of its own, which writes to disk what it gets before it answers.

    python -m tests.webhooks.crashes.receiver FILE

It prints its port, and verifies each body by the secret in the path. Some answers are lost, come
late, or refuse.
"""

import json
import os
import random
import sys
import threading
import time
from base64 import urlsafe_b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

#: The most seconds before something is stored, and between that and the answer.
_DELAY = 0.03

#: Parts of all requests: refused before they are stored, and without an answer after that.
_REFUSED, _LOST = 0.02, 0.01


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        name, secret = self.path.strip("/").split("/")
        time.sleep(random.uniform(0, _DELAY))
        if random.random() < _REFUSED:
            self._answer(503)
            return
        self.server.store(
            {
                "endpoint": name,
                "id": self.headers["webhook-id"],
                "body": body,
                "is_signed": self._is_signed(body, urlsafe_b64decode(secret).decode()),
            }
        )
        time.sleep(random.uniform(0, _DELAY))
        if random.random() < _LOST:
            self.close_connection = True
            return
        self._answer(204)

    def _is_signed(self, body: str, secret: str) -> bool:
        try:
            Webhook(secret).verify(body, dict(self.headers))
        except WebhookVerificationError:
            return False
        return True

    def _answer(self, status: int) -> None:
        try:
            self.send_response(status)
            self.end_headers()
        except OSError:
            pass  # the sender was killed

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self, path: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._file = path.open("a")
        self._lock = threading.Lock()

    def store(self, record: dict[str, object]) -> None:
        with self._lock:
            self._file.write(json.dumps(record) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def handle_error(self, *args: object) -> None:
        """Say nothing of senders that were killed."""


if __name__ == "__main__":
    with _Server(Path(sys.argv[1])) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
