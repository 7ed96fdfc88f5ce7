"""A call's page, its exports, and the list of history."""

import csv
import json
import re
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg
from tests.factories import UserFactory
from tests.meetings import at

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('&')</script>"
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def viewer(client):
    """Return the browser of somebody who may look at calls and at nothing else."""
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_call"))
    client.force_login(user)
    return client


@pytest.fixture
def weekly(meeting, time_machine):
    """Return a meeting with a running call at 100 s, one who left it and one who timed out."""
    weekly = meeting(name=EVIL)
    weekly.join(EVIL, 0)
    weekly.join("Bob", 10)
    weekly.join("Bob", 15, device="phone", flags=9)
    weekly.join(FORMULA, 20)
    weekly.leave("Bob", 30)
    weekly.time_out(FORMULA, 40)
    weekly.ping(at(100))
    time_machine.move_to(at(100), tick=False)
    return weekly


def page_of(call) -> str:
    return reverse("admin:talk_calls_call_change", args=[call.pk])


def export(name: str, pk: int) -> str:
    return reverse(f"admin:talk_calls_call_{name}", args=[pk])


def cells(answer, delimiter: str = ",") -> list[list[str]]:
    """Return the cells of CSV for people, which begins with a byte order mark and has CRLF."""
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.reader(StringIO(text[1:]), delimiter=delimiter))


def test_facts(viewer, weekly):
    """The page has all facts of a running call, and those who timed out are not in."""
    answer = viewer.get(page_of(Call.objects.get()))
    html = answer.content.decode()
    facts = re.findall(r'<div class="readonly">(.*?)</div>', html)
    conversation = reverse("admin:talk_calls_conversation_change", args=[weekly.conversation.pk])
    evil = "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;"
    assert facts == [
        f'<a href="{conversation}">{evil}</a>',
        "Public",
        f"2026-03-01 12:00:00 UTC, by {evil}",
        "–",
        "0:01:40",
        "Goes on",
        "3, at most 3 at the same time",
        "audio, video, phone",
        "–",
    ]
    assert EVIL not in html
    bob = ("2026-03-01 12:00:10", "2026-03-01 12:00:30")
    gone = ("2026-03-01 12:00:20", "2026-03-01 12:01:10")
    assert [list(leg.values()) for leg in answer.context["legs"]] == [
        [EVIL, 1, "User", "2026-03-01 12:00:00", "–", "0:01:40", "Still in", "audio, video"],
        ["Bob", 1, "User", *bob, "0:00:20", "Left the call", "audio, video"],
        ["Bob", 2, "User", "2026-03-01 12:00:15", "–", "0:01:25", "Still in", "phone"],
        [FORMULA, 1, "User", *gone, "0:00:50", "Stopped pinging", "audio, video"],
    ]


def test_picture(viewer, weekly):
    """Each device has a row, and each leg a bar with a description."""
    answer = viewer.get(page_of(Call.objects.get()))
    chart = answer.context["chart"]
    assert [(row.title, [bar.title for bar in row.bars]) for row in chart.rows] == [
        (EVIL, [f"{EVIL}: 12:00:00 UTC and still in, 0:01:40."]),
        ("Bob", ["Bob: 12:00:10 UTC to 12:00:30 UTC, 0:00:20. Left the call."]),
        ("Bob, device 2", ["Bob, device 2: 12:00:15 UTC and still in, 0:01:25."]),
        (FORMULA, [f"{FORMULA}: 12:00:20 UTC to 12:01:10 UTC, 0:00:50. Stopped pinging."]),
    ]
    assert [(bar.x, bar.width, bar.family) for row in chart.rows for bar in row.bars] == [
        (220, 720, "in"),
        (292, 144, "left"),
        (328, 612, "in"),
        (364, 360, "timeout"),
    ]
    assert [key.text for key in chart.keys] == ["still in", "left", "stopped pinging"]
    assert [tick.text for tick in chart.times][:3] == ["12:00:00", "12:00:15", "12:00:30"]
    html = answer.content.decode()
    svg = html[html.index('<svg class="talk-timeline"') :].partition("</svg>")[0]
    assert svg.count('<rect class="talk-bar"') == 4
    assert not re.search(r"style=|\son\w+=", svg)


@pytest.mark.parametrize("reason", LegReason.values)
def test_every_reason_has_a_look(viewer, weekly, reason):
    """No bar is without colour, pattern and key."""
    CallLeg.objects.filter(left_at__isnull=False).update(reason=reason)
    answer = viewer.get(page_of(Call.objects.get()))
    html = answer.content.decode()
    chart = answer.context["chart"]
    families = {bar.family for row in chart.rows for bar in row.bars}
    assert {key.family for key in chart.keys} == families
    for family in families:
        assert f'<pattern id="talk-{family}"' in html


@pytest.mark.parametrize(("legs", "rows", "hidden"), [(1, 1, 0), (1000, 40, 960)])
def test_one_leg_or_a_thousand(viewer, meeting, legs, rows, hidden):
    """The picture has the first devices and counts the others; tables and exports have all."""
    meeting().join("Alice", 0)
    call = Call.objects.get()
    CallLeg.objects.bulk_create(
        CallLeg(
            call=call,
            session_key=f"{number}",
            actor_type="guests",
            actor_id=f"{number}",
            joined_at=at(1),
            left_at=at(2),
            reason="left",
            flags=1,
        )
        for number in range(legs - 1)
    )
    answer = viewer.get(page_of(call))
    html = answer.content.decode()
    assert (len(answer.context["chart"].rows), answer.context["chart"].hidden) == (rows, hidden)
    assert html.count('<th scope="row">') == legs
    assert (f"{hidden} more are in the table" in html) == bool(hidden)
    assert len(viewer.get(export("legs_csv", call.pk)).content.splitlines()) == legs + 1


LEGS = [
    "Name",
    "Kind",
    "Identifier",
    "Device",
    "Joined (UTC)",
    "Left (UTC)",
    "Duration",
    "Reason",
    "Media",
]


def test_csv(viewer, weekly):
    """One row per leg, as people read it; no name becomes a formula."""
    answer = viewer.get(export("legs_csv", Call.objects.get().pk))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == (
        "attachment; filename=\"Call in script alert('&') script 2026-03-01.csv\""
    )
    names = [person.user.username for person in weekly.people.values()]
    start, media = "2026-03-01 12:0", "audio, video"
    bob = (f"{start}0:10", f"{start}0:30")
    gone = (f"{start}0:20", f"{start}1:10")
    assert cells(answer) == [
        LEGS,
        [EVIL, "User", names[0], "1", f"{start}0:00", "", "0:01:40", "Still in", media],
        ["Bob", "User", names[1], "1", *bob, "0:00:20", "Left the call", media],
        ["Bob", "User", names[1], "2", f"{start}0:15", "", "0:01:25", "Still in", "phone"],
        [f"'{FORMULA}", "User", names[2], "1", *gone, "0:00:50", "Stopped pinging", media],
    ]


def test_csv_in_german(viewer, weekly):
    """A German spreadsheet opens semicolons; times are those of the active zone, which is named."""
    with timezone.override("Europe/Berlin"), translation.override("de"):
        answer = viewer.get(export("legs_csv", Call.objects.get().pk))
    heading, first, *_ = cells(answer, ";")
    assert heading == [
        *("Name", "Art", "Kennung", "Gerät"),
        *("Gekommen (Europe/Berlin)", "Gegangen (Europe/Berlin)"),
        *("Dauer", "Grund", "Medien"),
    ]
    assert first[4] == "2026-03-01 13:00:00"
    assert first[-1] == "Ton, Video"


def test_json_is_the_same_in_german(viewer, weekly):
    """Programs read the same words whatever their operator speaks."""
    path = export("call_json", Call.objects.get().pk)
    english = viewer.get(path).content
    with translation.override("de"):
        assert viewer.get(path).content == english


def test_json(viewer, weekly):
    """The JSON export has everything that the page shows."""
    answer = viewer.get(export("call_json", Call.objects.get().pk))
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    exported = json.loads(answer.content)
    assert (exported["people"], exported["peak"], exported["ended"], exported["reason"]) == (
        3,
        3,
        None,
        "",
    )
    assert [(leg["name"], leg["seconds"]) for leg in exported["legs"]] == [
        (EVIL, 100.0),
        ("Bob", 20.0),
        ("Bob", 85.0),
        (FORMULA, 50.0),
    ]
    assert len(exported["events"]) == 7


@pytest.mark.parametrize("name", ["legs_csv", "call_json"])
def test_exports_need_the_permission(client, viewer, weekly, name):
    """Staff without the permission gets 403; an unknown call is 404."""
    assert viewer.get(export(name, 0)).status_code == 404
    client.force_login(UserFactory(is_staff=True))
    assert client.get(export(name, Call.objects.get().pk)).status_code == 403
    client.logout()
    assert client.get(export(name, Call.objects.get().pk)).status_code == 302


@pytest.mark.parametrize("people", [1, 8])
def test_statements(viewer, meeting, people, time_machine):
    """The page costs the same for one leg and for many: login, call, legs, sessions."""
    weekly = meeting()
    for number in range(people):
        weekly.join(f"Person {number}", number)
    time_machine.move_to(at(people))
    page = page_of(Call.objects.get())
    viewer.get(page)
    with CaptureQueriesContext(connection) as captured:
        assert len(viewer.get(page).context["legs"]) == people
    assert len(captured) == 7


def test_history_is_found(viewer, weekly):
    """Search finds words of the conversation, and the exact name of a user who was in."""
    bob = weekly.people["Bob"].user.username
    found = {
        query: viewer.get(f"/admin/talk_calls/call/?q={query}").context["cl"].result_count
        for query in ("script", weekly.conversation.token, bob, bob[:-1], "nobody")
    }
    assert list(found.values()) == [1, 1, 1, 0, 0]


def test_a_call_that_resumes_another_leads_there(viewer, meeting, time_machine):
    """A reload by the only participant makes two calls, and the second links to the first."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.leave("Alice", 5)
    weekly.join("Alice", 8)
    time_machine.move_to(at(10))
    second, first = Call.objects.all()
    html = viewer.get(page_of(second)).content.decode()
    assert f'<a href="{page_of(first)}">the call of 2026-03-01 12:00:00 UTC</a>' in html
