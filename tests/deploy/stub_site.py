"""A site that answers an HPB and nothing else, for the tests of the servers themselves.

It lets in whoever says its name, and speaks the protocol of docs/reference/signaling-server.md. The
real one is the app.
"""

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.servers.hpb import HPB, Site
from tests.servers.ports import HOST

ALL_MEDIA = ["publish-audio", "publish-video", "publish-screen"]


def checksum(secret: str, random: str, body: bytes) -> str:
    """Return the signature of a request, in either direction."""
    return hmac.new(secret.encode(), random.encode() + body, hashlib.sha256).hexdigest()


class StubSite(ThreadingHTTPServer):
    """The site: ``requests`` are those of HPBs, ``refused`` those with a wrong signature."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.site = Site(f"http://{HOST}:{self.server_port}")
        self.requests: list[dict] = []
        self.refused = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def url(self) -> str:
        return self.site.url

    def token(self, user_id: str) -> str:
        """Return a JSON web token for hello 2.0."""
        now = int(time.time())
        claims = {"iss": self.url, "iat": now, "exp": now + 60, "sub": user_id}
        return jwt.encode(claims | {"userdata": {"displayname": user_id}}, self._key, "ES256")

    def tell(self, hpb: HPB, token: str, kind: str, **body: object) -> None:
        """Send a request about a conversation to an HPB."""
        sent, headers = self.signed(kind, **body)
        urlopen(Request(f"{hpb.url}/api/v1/room/{token}", sent, headers), timeout=10).close()  # noqa: S310

    def signed(self, kind: str, **body: object) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of a request to an HPB."""
        sent = json.dumps({"type": kind, kind: body}).encode()
        random = secrets.token_hex(32)
        return sent, {
            "Content-Type": "application/json",
            "Spreed-Signaling-Random": random,
            "Spreed-Signaling-Checksum": checksum(self.site.secret, random, sent),
            "Spreed-Signaling-Backend": self.url,
        }

    def tell_in_call(self, hpb: HPB, token: str, *session_ids: str) -> None:
        """Tell an HPB that these sessions, and no others, are in the call with all media."""
        rows = [
            {"sessionId": each, "nextcloudSessionId": each, "inCall": 7, "lastPing": 0}
            for each in session_ids
        ]
        self.tell(hpb, token, "incall", incall=7, changed=rows, users=rows)

    def capabilities(self) -> dict:
        pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        spreed = {
            "features": ["signaling-v3"],
            "config": {"signaling": {"hello-v2-token-key": pem.decode()}},
        }
        return {"version": {}, "capabilities": {"spreed": spreed}}

    def answer(self, request: dict) -> dict:
        self.requests.append(request)
        if request["type"] == "auth":
            user_id = request["auth"]["params"]["userid"]
            said = {"version": "1.0", "userid": user_id, "user": {"displayname": user_id}}
            return {"type": "auth", "auth": said}
        room = {"version": "1.0"}
        if request["type"] == "room":
            room |= {"roomid": request["room"]["roomid"], "properties": {"name": "A room"}}
            room |= {"permissions": ALL_MEDIA}
        return {"type": "room", "room": room}


class _Handler(BaseHTTPRequestHandler):
    server: StubSite

    def do_GET(self) -> None:
        self._send(self.server.capabilities())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        random = self.headers["Spreed-Signaling-Random"]
        expected = checksum(self.server.site.secret, random, body)
        if self.headers["Spreed-Signaling-Checksum"] != expected:
            self.server.refused += 1
            error = {"code": "invalid_request", "message": "The signature is wrong."}
            return self._send({"type": "error", "error": error})
        return self._send(self.server.answer(json.loads(body)))

    def _send(self, data: dict) -> None:
        ocs = {"meta": {"status": "ok", "statuscode": 200, "message": "OK"}, "data": data}
        body = json.dumps({"ocs": ocs}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Write nothing."""


@contextmanager
def running() -> Iterator[StubSite]:
    site = StubSite()
    thread = threading.Thread(target=site.serve_forever, args=(0.05,))
    thread.start()
    yield site
    site.shutdown()
    thread.join()
    site.server_close()
