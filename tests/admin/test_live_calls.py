"""The page of live calls."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from talk_calls.models import Call
from tests.factories import UserFactory
from tests.meetings import at

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('&')</script>"
NOON = "2026-03-01 12:00:00"
LIST = "/admin/talk_calls/livecall/"

#: Statements that the page may take, however much goes on.
BUDGET = 10


@pytest.fixture
def viewer(client, time_machine):
    """Return the browser of somebody who may look at calls and at nothing else, at 100 s."""
    time_machine.move_to(at(100), tick=False)
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_call"))
    client.force_login(user)
    return client


@pytest.fixture
def calls(meeting):
    """Return three meetings, in two of which people are at 100 s."""
    weekly, other, abandoned = meeting(token="weekly"), meeting(name=EVIL, type=2), meeting()
    weekly.join("Alice", 0)
    weekly.join("Alice", 5, device="phone", flags=1)
    weekly.join("Bob", 6, flags=3)
    other.join(EVIL, 40, flags=9)
    abandoned.join("Carol", 50)
    weekly.ping(at(90))
    other.ping(at(95))
    abandoned.time_out("Carol", 50)
    return weekly, other, abandoned


def cells(html: str) -> list[list[str]]:
    """Return the texts of the list's cells, row by row."""
    rows = re.findall(r"<tr>(<t[hd] class=\"field.*?)</tr>", html, re.DOTALL)
    texts = [re.findall(r'<t[hd] class="field[^>]*>(.*?)</t[hd]>', row) for row in rows]
    return [[re.sub(r"<[^>]*>", "", text) for text in row] for row in texts]


def shown(viewer, query: str = "") -> list[str]:
    """Return the kinds of the calls that are listed."""
    return [row[1] for row in cells(viewer.get(f"{LIST}{query}").content.decode())]


def test_list_and_sentence(viewer, calls):
    """Each call shows who is in, and the sentence above has the totals."""
    answer = viewer.get(LIST)
    html = answer.content.decode()
    evil = "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;"
    assert cells(html) == [
        [evil, "Group", "1", "1", "phone", "2026-03-01 12:00:40", "0:01:00", "5 s ago"],
        ["Weekly", "Public", "2", "3", "audio, video", NOON, "0:01:40", "10 s ago"],
    ]
    sentence = "There are currently 2 calls in progress with 3 participants on 4 devices."
    assert f'<p class="talk-sentence">{sentence}</p>' in html
    assert '<time datetime="2026-03-01T12:01:40+00:00">As of 12:01:40 UTC.</time>' in html
    assert EVIL not in html


def test_rows_lead_to_the_pages_of_call_and_conversation(viewer, calls):
    """The link to a call stays valid after its end."""
    weekly, *_ = calls
    call = weekly.conversation.calls.get()
    html = viewer.get(LIST).content.decode()
    conversation = reverse("admin:talk_calls_conversation_change", args=[weekly.conversation.pk])
    page = reverse("admin:talk_calls_call_change", args=[call.pk])
    assert f'<a href="{conversation}">Weekly</a>' in html
    assert f'<a href="{page}">2026-03-01 12:00:00</a>' in html
    assert viewer.get(f"{LIST}{call.pk}/change/").url == page


def test_nothing(viewer):
    """Without calls the page states that there are none."""
    html = viewer.get(LIST).content.decode()
    assert "No calls in progress." in html
    assert "Nobody was in a call in the last 24 hours." in html


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", ["Group", "Public"]),
        ("?kind=2", ["Group"]),
        ("?kind=1", []),
        ("?kind=x", ["Group", "Public"]),
        ("?media=2", ["Public"]),
        ("?media=8", ["Group"]),
        ("?media=x", ["Group", "Public"]),
        ("?q=weekly", ["Public"]),
        ("?q=bo", ["Public"]),
        ("?q=script", ["Group"]),
        ("?q=carol", []),
        ("?q=nobody", []),
        ("?o=3", ["Group", "Public"]),
        ("?o=-3", ["Public", "Group"]),
        ("?o=7", ["Public", "Group"]),
        ("?o=-8", ["Group", "Public"]),
    ],
)
def test_narrowed_down_and_sorted(viewer, calls, query, kinds):
    """The list filters by kind and media, and searches names of conversations and participants."""
    assert shown(viewer, query) == kinds


def test_somebody_is_found_by_user_name(viewer, calls):
    """Whatever name they show."""
    weekly, *_ = calls
    username = weekly.people["Bob"].user.username
    assert shown(viewer, f"?q={username}") == ["Public"]


@pytest.mark.parametrize("query", ["", "?q=person", "?media=4&kind=3&o=3"])
def test_statements(viewer, meeting, query):
    """One call or many: the page costs the same, and no more than its budget."""
    counts = []
    for number in (1, 20):
        while Call.objects.count() < number:
            each = meeting()
            each.join("Person 1", 80)
            each.join("Person 2", 81)
        with CaptureQueriesContext(connection) as captured:
            answer = viewer.get(f"{LIST}{query}")
        counts.append(len(captured))
        assert len(cells(answer.content.decode())) == number
    assert counts[0] == counts[1] <= BUDGET


def test_picture_and_table_tell_the_same(viewer, calls):
    """The hours of the table have the most of the minutes in the picture."""
    chart = viewer.get(LIST).context["chart"]
    assert chart.sentence == "Most were connected at 12:00 UTC: 5 devices in 3 calls."
    assert len(chart.hours) == 25
    last = chart.hours[-1]
    assert (last.at, last.calls, last.devices) == (at(0), 3, 5)
    assert {(hour.calls, hour.devices) for hour in chart.hours[:-1]} == {(0, 0)}


def test_needs_the_permission_to_view_calls(client):
    """The permission to view calls is required; nobody adds or deletes."""
    user = UserFactory(is_staff=True)
    client.force_login(user)
    assert client.get(LIST).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_call"))
    assert client.get(LIST).status_code == 200
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}1/delete/").status_code in {302, 403}


def test_it_works_without_scripts(viewer, calls):
    """Nothing inline but what the admin itself has; a link reloads the page as it is asked for."""
    html = viewer.get(f"{LIST}?kind=3").content.decode()
    assert '<a href="/admin/talk_calls/livecall/?kind=3">Reload</a>' in html
    assert '<script type="module" src="/static/talk_calls/admin/live.js"></script>' in html
    assert re.search(r'<button[^>]* id="talk-refresh" hidden>', html)
    ours = html[html.index('class="talk-now"') : html.index('id="toolbar"')]
    assert not re.search(r"<style|style=|<script|\son\w+=", ours)


def test_a_day_ago_is_not_forgotten(viewer, meeting, time_machine):
    """A call that went on a day ago begins the picture."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.leave("Alice", 29)
    time_machine.move_to(at(20) + timedelta(days=1))
    assert viewer.get(LIST).context["chart"].minutes[0].devices == 0
    assert "Most were" not in viewer.get(LIST).content.decode()
