"""Every address that the site gives away is below the path at which it is served."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.management.processes import CommandSite
from tests.servers.ending import surely_ending
from tests.servers.ports import accepts_connections, free_port
from tests.sub_path.kinds import PREFIX, Kind
from tests.sub_path.proxy import SITE, Client

API = f"{PREFIX}/ocs/v2.php/apps/spreed/api"
PASSWORD = "correct horse"
MAKE_ALICE = f"""
from django.contrib.auth.models import User
User.objects.create_user("alice", password="{PASSWORD}")
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """Return a database in which alice is."""
    site = CommandSite(tmp_path_factory.mktemp("sub_path") / "site.sqlite3")
    site.environment["DJANGO_DEBUG"] = "1"
    for command in (["migrate", "-v0"], ["shell", "-c", MAKE_ALICE]):
        ran = site.manage(*command)
        assert ran.returncode == 0, ran.stderr
    return site.path


class Site:
    """A running site, and the mails that it sent."""

    def __init__(self, kind: Kind, port: int, mails: Path) -> None:
        self.kind, self.port, self.mails = kind, port, mails

    def client(self, credentials: str = "") -> Client:
        return Client(self.port, self.kind.is_stripped, credentials)

    def mail(self) -> str:
        [mail] = self.mails.iterdir()
        return mail.read_text()


@pytest.fixture(scope="module", params=Kind, ids=lambda kind: kind.name.lower())
def site(request, people, tmp_path_factory) -> Iterator[Site]:
    """Serve the site in each way."""
    kind, folder, port = request.param, tmp_path_factory.mktemp("served"), free_port()
    (folder / "mails").mkdir()
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{shutil.copy(people, folder / 'site.sqlite3')}",
        "DJANGO_DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "tests.sub_path.settings",
        "FORCED": PREFIX if kind.is_forced else "",
        "MAILS": str(folder / "mails"),
    }
    command = [sys.executable, "-m", "tests.sub_path", kind.name, str(port)]
    process = subprocess.Popen(command, env=environment)  # noqa: S603
    with surely_ending(process):
        try:
            deadline = time.monotonic() + 60
            while not accepts_connections(port):
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server does not start"
                time.sleep(0.1)
            yield Site(kind, port, folder / "mails")
        finally:
            process.terminate()


@pytest.mark.parametrize("variant", ["", "/index.php"])
def test_an_app_logs_in(site, variant):
    """The addresses for the app and for its user, the login page and the way back."""
    app, browser = site.client(), site.client()
    started = app.post(f"{SITE}{variant}/login/v2").json
    endpoint = f"{SITE}{variant}/login/v2"
    assert started["poll"]["endpoint"] == f"{endpoint}/poll"
    assert started["login"].startswith(f"{endpoint}/flow/")
    to_login = browser.get(started["login"])
    where = started["login"].removeprefix(f"http://{SITE.split('/')[2]}")
    assert to_login.location == f"{PREFIX}/accounts/login/?next={where}"
    form = browser.get(to_login.location)
    back = browser.submit(form, to_login.location, username="alice", password=PASSWORD)
    assert back.location == where
    granted = browser.submit(browser.get(where), where, decision="grant")
    assert "The app has access now" in granted.text
    got = app.post(started["poll"]["endpoint"], token=started["poll"]["token"]).json
    assert got["server"] == SITE
    direct = f"{SITE}{variant}/login/flow"
    answer = browser.submit(browser.get(direct), direct, decision="grant")
    assert answer.location.startswith(f"nc://login/server:{SITE}&user:alice&password:")
    listed = browser.get(f"{SITE}/talk/app-passwords/")
    [revoke, *_] = re.findall(r'href="([^"]+/revoke/)"', listed.text)
    asked = browser.get(revoke)
    assert browser.submit(asked, revoke).location == f"{PREFIX}/talk/app-passwords/"


def test_an_invitation_by_mail(site):
    """The link leads to the call page of this site."""
    alice = site.client(f"alice:{PASSWORD}")
    room = alice.post(f"{API}/v4/room?format=json", roomType="3", roomName="Stand-up").json
    token = room["ocs"]["data"]["token"]
    invited = alice.post(
        f"{API}/v4/room/{token}/participants?format=json",
        newParticipant="carol@example.org",
        source="emails",
    )
    assert invited.status == 200, invited.text
    assert f"{SITE}/call/{token}\n" in site.mail()


def test_the_call_page(site):
    """Its scripts, its API and its login page."""
    page = site.client().get(f"{SITE}/call/standup").text
    assert f'src="{PREFIX}/static/talk_calls/call/main.js"' in page
    assert f'"{API}/"' in page
    assert f'href="{PREFIX}/accounts/login/?next=%2Fintranet%2Fcall%2Fstandup"' in page


def test_a_guest_polls(site):
    """The cookie that acknowledges answers comes back to the address that set it, and no other."""
    alice, guest = site.client(f"alice:{PASSWORD}"), site.client()
    room = alice.post(f"{API}/v4/room?format=json", roomType="3", roomName="Open").json
    token = room["ocs"]["data"]["token"]
    here = f"{API}/v4/room/{token}/participants/active?format=json"
    assert guest.post(here).status == 200
    assert alice.post(here).status == 200
    answer = guest.get(f"{API}/v3/signaling/{token}?format=json")
    [cookie] = [
        each for each in answer.headers.get_all("Set-Cookie") if each.startswith("talk_calls_")
    ]
    assert f"Path={API}/v3/signaling/{token};" in cookie


def test_the_openapi_documents(site):
    """What they say of paths is true below the site's own."""
    assert site.client().get(f"{PREFIX}/schema/").location == "v4/"
    document = site.client().get(f"{PREFIX}/schema/v4.json").json
    assert document["servers"] == [{"url": PREFIX}]
