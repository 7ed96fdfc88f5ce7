"""A signaling server as this site sees it: signed requests, and nothing behind them."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from talk_calls.hpb.signatures import sign
from tests.hpb.conftest import SECRET

PATH = "/ocs/v{entry}.php/apps/spreed/api/{version}/signaling/backend"


@dataclass
class FakeServer:
    """Sends requests as a server does: without cookies, credentials, or a header of OCS."""

    secret: str = SECRET
    version: str = "v3"
    entry: int = 2
    client: Client = field(default_factory=Client)

    def send(self, body: bytes, **headers: str) -> HttpResponse:
        """Send a signed body; headers replace those of the signature."""
        path = PATH.format(entry=self.entry, version=self.version)
        signed = {"Accept": "application/json", **sign(self.secret, body), **headers}
        return self.client.post(path, body, content_type="application/json", headers=signed)

    def ask(self, kind: str, **content: Any) -> Any:
        """Return the data of the answer, which is always 200."""
        return self.data(self.send(json.dumps({"type": kind, kind: content}).encode()))

    def data(self, response: HttpResponse) -> Any:
        """Return the data of an answer: an object in an envelope."""
        assert response.status_code == 200, response.content
        assert response["Content-Type"].startswith("application/json")
        data = response.json()["ocs"]["data"]
        assert data["type"] in {"auth", "room", "error"}
        assert isinstance(data[data["type"]], dict)
        return data

    def auth(self, user_id: str | None, ticket: object) -> Any:
        """Ask who shows a ticket."""
        return self.ask("auth", version="1.0", params={"userid": user_id, "ticket": ticket})

    def room(self, token: str, session_id: str, user_id: str = "", **more: Any) -> Any:
        """Tell that a client joins or leaves."""
        content = {"version": "1.0", "roomid": token, "sessionid": session_id, "userid": user_id}
        return self.ask("room", **content, **more)

    def ping(self, *session_ids: str, token: str = "") -> Any:
        """Tell that sessions are there."""
        entries = [{"sessionid": each} for each in session_ids]
        return self.ask("ping", version="1.0", roomid=token, entries=entries)


def error(data: Any) -> str:
    """Return the code of a refusal."""
    assert data.keys() == {"type", "error"}, data
    assert data["error"].keys() == {"code", "message"}
    return data["error"]["code"]
