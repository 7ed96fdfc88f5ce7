"""The start page of this app in the admin."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import OutboxEventFactory, UserFactory
from tests.meetings import at

pytestmark = pytest.mark.django_db

URL = "/admin/talk_calls/"

#: Statements of the page, however much goes on: session, user, permissions, and ours.
BUDGET = 14


@pytest.fixture
def viewer(client, time_machine):
    """Return the browser of somebody who may look at calls and at nothing else, at 100 s."""
    time_machine.move_to(at(100), tick=False)
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_call"))
    client.force_login(user)
    return client


def numbers(html: str) -> list[int]:
    return [int(each) for each in re.findall(r"<dd>(\d+)</dd>", html)]


def warnings(html: str) -> list[str]:
    found = re.findall(r'<p class="talk-warning">(.*?)</p>', html)
    return [re.sub("<[^>]*>", "", each).partition(". ")[0] for each in found]


def test_nothing(viewer, meeting):
    """A site without calls, and without anything to warn of."""
    html = viewer.get(URL).content.decode()
    assert numbers(html) == [0, 0, 0, 0, 0]
    assert warnings(html) == []
    assert "Nothing waits for the sweeper." in html
    assert "As of 12:01:40 UTC." in html


def test_calls_now_and_of_the_last_day(viewer, meeting):
    """Who is in two calls of the day is one of them; older calls do not count."""
    old, one, two = meeting(), meeting(), meeting()
    old.join("Ann", -90_000)
    old.leave("Ann", -89_000)
    one.join("Bob", 0)
    one.join("Cleo", 10)
    one.leave("Cleo", 20)
    two.join("Dan", 30)
    two.leave("Dan", 40)
    one.ping(at(95))
    assert numbers(viewer.get(URL).content.decode()) == [1, 1, 2, 3, 0]


def test_warnings(viewer, meeting, time_machine):
    """A sweeper that does not run is seen, and what it leaves behind."""
    weekly = meeting()
    weekly.join("Ann", 0)
    OutboxEventFactory(created_at=at(0))
    time_machine.move_to(at(0) + timedelta(hours=3), tick=False)
    late = "so long a device that is gone waits for it."
    assert warnings(viewer.get(URL).content.decode()) == [
        "Warning: Open calls without anybody in them: 1",
        "Error: Events of calls of which the site was not told: 1.",
        f"Warning: The last sweep was more than 2 h ago: {late}",
    ]


def test_statements(viewer, meeting):
    """One call or many: the page costs the same, and no more than its budget."""
    counts = []
    for number in (1, 12):
        for _ in range(number):
            weekly = meeting()
            weekly.join("Ann", 80)
            weekly.join("Bob", 81)
        with CaptureQueriesContext(connection) as captured:
            viewer.get(URL)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= BUDGET


def test_needs_the_permission_to_view_calls(client):
    """Others who work in the admin see Django's page."""
    user = UserFactory(is_staff=True)
    client.force_login(user)
    user.user_permissions.add(Permission.objects.get(codename="view_ban"))
    html = client.get(URL).content.decode()
    assert "talk-overview" not in html
    assert "/admin/talk_calls/ban/" in html
