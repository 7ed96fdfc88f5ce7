"""The demo site as a process of its own, which tests may stop and start again."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.servers.ports import HOST, free_port

ROOT = Path(__file__).resolve().parents[2]
API = "/ocs/v2.php/apps/spreed/api"
OWNER = "alice"
PASSWORD = secrets.token_urlsafe()


class Site:
    """Serves the call page; conversations are made over its API, as alice."""

    #: The settings module; a subclass may be another site.
    settings = "project.settings"

    def __init__(self, database: str) -> None:
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}"
        self._environment = os.environ | {
            "DATABASE_URL": database,
            "DJANGO_DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": self.settings,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the tables, and alice."""
        self.manage("migrate", "--verbosity=0")
        self.manage("createsuperuser", "--noinput", f"--username={OWNER}", "--email=a@example.org")

    def manage(self, *arguments: str) -> None:
        """Run a management command of the site."""
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self._environment, check=True)  # noqa: S603

    def output(self, *arguments: str) -> str:
        """Run a management command of the site, and return what it writes."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def start(self) -> None:
        """Serve, and return when somebody answers."""
        # Only Uvicorn's own words, so that a traceback of the site stands out.
        options = ["--port", str(self.port), "--log-level=warning", "--timeout-graceful-shutdown=1"]
        command = [sys.executable, "-m", "uvicorn", "project.asgi:application", *options]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment)  # noqa: S603
        deadline = time.monotonic() + 120
        while not self._answers():
            assert self._process.poll() is None, "the site did not start"
            assert time.monotonic() < deadline, "the site does not answer"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop serving; with SIGKILL as a machine does that fails."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=20)
        self._process = None

    def converse(self, **terms: Any) -> "Meeting":
        """Make a conversation that anybody may enter who has the link."""
        room = self.ask("POST", "v4/room", roomType=3, roomName="Weekly meeting", **terms)
        return Meeting(self, room["token"])

    def ask(self, method: str, path: str, **data: Any) -> Any:
        """Ask the API as alice."""
        login = base64.b64encode(f"{OWNER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 -- our own site
            f"{self.address}{API}/{path}",
            method=method,
            data=json.dumps(data).encode(),
            headers={
                "Accept": "application/json",
                "Authorization": f"Basic {login}",
                "Content-Type": "application/json",
                "OCS-APIRequest": "true",
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)["ocs"]["data"]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/status.php", timeout=5):  # noqa: S310
                return True
        except OSError:
            return False


class Meeting:
    """A conversation, and what its owner changes from outside."""

    def __init__(self, site: Site, token: str) -> None:
        self.site, self.token = site, token
        self.link = f"{site.address}/call/{token}"

    def lobby(self, state: int, timer: int | None = None) -> None:
        """Raise the lobby, or let everybody in."""
        self.site.ask("PUT", f"v4/room/{self.token}/webinar/lobby", state=state, timer=timer)

    def lock(self, state: int) -> None:
        """Lock the conversation, or open it again."""
        self.site.ask("PUT", f"v4/room/{self.token}/read-only", state=state)

    def permit(self, permissions: int) -> None:
        """Set the permissions of everybody but moderators."""
        path = f"v4/room/{self.token}/permissions/default"
        self.site.ask("PUT", path, permissions=permissions)

    def delete(self) -> None:
        """Delete it."""
        self.site.ask("DELETE", f"v4/room/{self.token}")

    def silence(self, name: str) -> None:
        """Enter the call as alice, and mute somebody as Talk's own clients do."""
        own = self.site.ask("POST", f"v4/room/{self.token}/participants/active")["sessionId"]
        self.site.ask("POST", f"v4/call/{self.token}", flags=1)
        peers = self.site.ask("GET", f"v4/call/{self.token}")
        [whom] = [peer["sessionId"] for peer in peers if peer["displayName"] == name]
        message = {
            "to": whom,
            "type": "control",
            "roomType": "video",
            "payload": {"action": "forceMute", "peerId": whom},
        }
        item = {"ev": "message", "fn": json.dumps(message), "sessionId": own}
        self.site.ask("POST", f"v3/signaling/{self.token}", messages=json.dumps([item]))

    def in_call(self) -> list[str]:
        """Return the names of those whom the server lists as connected."""
        return sorted(peer["displayName"] for peer in self.site.ask("GET", f"v4/call/{self.token}"))
