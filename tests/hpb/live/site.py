"""The site, its people, and their devices."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.management.processes import CommandSite
from tests.servers import hpb as hpb_server
from tests.servers import web
from tests.servers.hpb import HPB
from tests.servers.ports import HOST

PEOPLE = ("alice", "bob", "carol")

#: Makes them, and prints a password for each.
MAKE_PEOPLE = f"""
import json
from django.contrib.auth import get_user_model
from talk_calls.services import app_passwords
people = [get_user_model().objects.create(username=name) for name in {PEOPLE!r}]
made = {{each.username: app_passwords.create(user=each, name="test")[1] for each in people}}
print(json.dumps(made))
"""

#: SECRET_KEY of the site, with which tests make tickets of their own.
SECRET_KEY = "only for this test"


class Device:
    """A client of the site's API, of a user or a guest; it keeps its cookies."""

    def __init__(self, url: str, user: str | None, password: str) -> None:
        auth = (user, password) if user else None
        headers = {"OCS-APIRequest": "true", "Accept": "application/json"}
        self.user = user
        self._client = httpx.Client(
            base_url=f"{url}/ocs/v2.php/apps/spreed/api", auth=auth, headers=headers
        )

    def ask(self, method: str, path: str, **data: Any) -> Any:
        """Return the data of an answer, which must be a success."""
        sent = {"params": data} if method == "GET" else {"json": data}
        response = self._client.request(method, path, **sent)
        assert response.status_code < 300, response.text
        return response.json()["ocs"]["data"]

    def settings(self, token: str = "") -> Any:
        """Return the signaling settings."""
        return self.ask("GET", "v3/signaling/settings", token=token)

    def enter(self, token: str) -> str:
        """Join a conversation, and return the session id."""
        return str(self.ask("POST", f"v4/room/{token}/participants/active")["sessionId"])

    def create(self) -> str:
        """Create a public conversation, and return its token."""
        return str(self.ask("POST", "v4/room", roomType=3, roomName="Weekly")["token"])

    def take_over(self, other: "Device") -> None:
        """Have the cookies of another device: it is the same one, that asks elsewhere."""
        self._client.cookies.update(other._client.cookies)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


@dataclass
class LiveSite:
    """A running site with one signaling server."""

    url: str
    hpb: HPB
    database: CommandSite
    passwords: dict[str, str]

    def device(self, user: str | None = None) -> Device:
        """Return a new device of a user or a guest."""
        return Device(self.url, user, self.passwords[user] if user else "")

    def session(self, session_id: str) -> dict[str, Any] | None:
        """Return the row of a session, as the database has it."""
        columns = "in_call", "last_ping", "attendee_id"
        rows = self.database.ask(
            f"SELECT {', '.join(columns)} FROM talk_calls_session WHERE session_id = ?",  # noqa: S608
            session_id,
        )
        return dict(zip(columns, rows[0], strict=True)) if rows else None


@contextmanager
def running(database: CommandSite, release: str, directory: Path) -> Iterator[LiveSite]:
    """Start the site and a signaling server of a release; ``database`` has all tables."""
    made = database.manage("shell", "-v0", "-c", MAKE_PEOPLE)
    assert made.returncode == 0, made.stderr
    signaling = directory / "signaling.json"
    environment = database.environment | {
        "DJANGO_SETTINGS_MODULE": "tests.hpb.live.settings",
        "DJANGO_ALLOWED_HOSTS": HOST,
        "DJANGO_DEBUG": "1",
        "LIVE_SIGNALING": str(signaling),
    }
    with web.running(environment=environment) as server:
        known = hpb_server.Site(server.url)
        with hpb_server.running(release, [known]) as hpb:
            entry = {"url": hpb.url, "secret": known.secret}
            signaling.write_text(json.dumps({"BACKEND": "external", "SERVERS": [entry]}))
            yield LiveSite(server.url, hpb, database, json.loads(made.stdout))
