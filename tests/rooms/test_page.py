"""The site of docs/rooms.md works: it is built from the page's text, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reference_anchors import ROOT

PAGE = (ROOT / "docs/rooms.md").read_text()
FILES = dict(re.findall(r"^```\w+ (projects/\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))

SETTINGS = """
from tests.settings import *

ROOT_URLCONF = "site_urls"
INSTALLED_APPS = [*(app for app in INSTALLED_APPS if app != "tests.projects"), "projects"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}}
"""

URLS = """
from django.urls import include, path
from projects import notifications

urlpatterns = [
    path("", include("talk_calls.urls")),
    path("", include("talk_calls.call_page.urls")),
    path("", include("projects.urls")),
]
"""

PUSH = """
sent = []


def send_push(user, text, address):
    sent.append((user.username, text, address))
"""

VISIT = '''
"""What a visitor of the site and two apps do, and what they see."""

import django

django.setup()

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.test import Client
from django.test.utils import setup_test_environment
from projects.models import Minutes, Project
from projects.push import sent
from talk_calls import rooms

setup_test_environment()
alice, bob, carol, eve = (
    get_user_model().objects.create_user(name, password=name)
    for name in ("alice", "bob", "carol", "eve")
)
project = Project.objects.create(name="Launch", lead=alice)
project.members.add(bob, carol)
room = rooms.room_for(project)

# room and roles
members = dict(room.attendees.values_list("user__username", "participant_type"))
assert members == {"alice": 2, "bob": 3, "carol": 3}, members


FORM = {"content_type": "application/json"}


def browser(user):
    client = Client(headers={"ocs-apirequest": "true"})
    client.force_login(user)
    return client


def api(client, method, path, **data):
    address = f"/ocs/v2.php/apps/spreed/api/v4/{path}?format=json"
    response = getattr(client, method)(address, data, **FORM)
    assert response.status_code == 200, (path, response.content)
    return response.json()["ocs"]["data"]


def enter(client):
    api(client, "post", f"room/{room.token}/participants/active")
    api(client, "post", f"call/{room.token}")


# live count
hers = browser(bob)
assert "Nobody is in a call." in hers.get("/projects/").content.decode()
enter(hers)
page = hers.get("/projects/").content.decode()
assert "Launch: " in page and "In the call: 1" in page and ">Join call<" in page, page
numbers = hers.get("/talk/people-in-calls", {"token": room.token}).json()
assert numbers[room.token]["people"] == 1
strange = browser(eve).get("/projects/").content.decode()
assert "<p>Launch: </p>" in " ".join(strange.split()), strange
assert sorted(sent) == [
    ("alice", "bob started a call", f"/call/{room.token}"),
    ("carol", "bob started a call", f"/call/{room.token}"),
], sent

# ring
sent.clear()
assert f'action="/projects/{project.pk}/call"' in page, page
answer = hers.post(f"/projects/{project.pk}/call")
assert answer.headers["Location"] == f"/call/{room.token}"
assert hers.get(answer.headers["Location"]).status_code == 200
assert sent == [("carol", "bob wants you in the call", f"/call/{room.token}")], sent
assert browser(eve).post(f"/projects/{project.pk}/call").status_code == 404

# attendance
sent.clear()
api(hers, "delete", f"call/{room.token}")
kept = Minutes.objects.get()
assert (kept.project, kept.user) == (project, bob)
assert timedelta() < kept.spent < timedelta(minutes=1)
assert sorted(name for name, *_ in sent) == ["alice", "carol"], sent

# what follows
enter(hers)
project.members.remove(bob)
assert rooms.people_in_call(room) == []
project.delete()
assert rooms.Conversation.objects.count() == 0
print("the page works")
'''


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Write the files of the page, and what they leave to the site."""
    given = {
        "settings.py": SETTINGS,
        "site_urls.py": URLS,
        "visit.py": VISIT,
        "projects/__init__.py": "",
        "projects/push.py": PUSH,
    }
    for name, text in {**given, **FILES}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def run(site: Path, *command: str) -> str:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": f"{site}{os.pathsep}{ROOT}",
        "DATABASE_URL": "",
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=site,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_site_of_the_page(site):
    """Room, roles, live count, ring and attendance."""
    run(site, "-m", "django", "check", "--fail-level", "WARNING")
    run(site, "-m", "django", "migrate", "--run-syncdb", "-v0")
    assert run(site, "visit.py").strip() == "the page works"


def test_it_takes_thirty_lines():
    """Of the code that is there for calls; imports and empty lines do not count."""
    lines = FILES["projects/talk_rooms.py"].splitlines()
    views = FILES["projects/views.py"]
    lines += views[views.index("def call_together") :].splitlines()
    lines += FILES["projects/templates/projects.html"].splitlines()
    code = [line for line in lines if line.strip()]
    assert len(code) <= 30, len(code)
