"""A conversation's page: what is agreed, who is there and what they may do, what happened."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from talk_calls.models import Attendee, Ban, Call, Session
from talk_calls.reports import conversations as reports
from talk_calls.reports import permission_texts
from talk_calls.services import calls
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def room():
    return ConversationFactory()


def page(client, room):
    answer = client.get(reverse("admin:talk_calls_conversation_change", args=[room.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


#: What can be done to a guest.
BUTTONS = "Promote {name} Remove {name} Ban {name}"


def rows(html, title):
    """Return the rows of the table below a heading, as lists of texts."""
    section = html.partition(f"<h2>{title}")[2].partition("</section>")[0]
    body = section.partition("<tbody>")[2]
    return [
        [" ".join(strip_tags(cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>.*?</tr>", body, re.S)
    ]


def fact(html, name):
    found = re.search(rf"field-{name}\b.*?class=\"readonly\">(.*?)</div>", html, re.S)
    assert found is not None
    return strip_tags(found[1])


def test_nothing_yet(admin_client, room):
    """An empty conversation shows that it is empty."""
    html = page(admin_client, room)
    names = ("type", "locked", "lobby_now", "has_password", "permissions", "call_now")
    assert {name: fact(html, name) for name in names} == {
        "type": "Public",
        "locked": "not locked",
        "lobby_now": "down",
        "has_password": "not set",
        "permissions": "everything but: pass the lobby (from: site)",
        "call_now": "–",
    }
    assert rows(html, "Attendees: 0") == [["Nobody belongs to this conversation."]]
    assert rows(html, "Devices online: 0") == [["Nobody is online here."]]
    assert rows(html, "Last calls") == [["There was no call yet."]]


def test_attendees_devices_and_calls(admin_client, room):
    """The page shows effective permissions and the level that sets them, devices and calls."""
    room.default_permissions = 1 | 4 | 16
    room.password = "hashed"
    room.read_only = 0
    room.save()
    owner = AttendeeFactory(
        conversation=room, user=UserFactory(username="olga"), participant_type=1
    )
    GuestFactory(conversation=room, display_name="Gina")
    GuestFactory(conversation=room, display_name="Greg", permissions=1)
    session = SessionFactory(attendee=owner)
    SessionFactory(attendee=owner, last_ping=timezone.now() - timedelta(seconds=101))
    calls.join(session=session, flags=7, now=timezone.now())
    html = page(admin_client, room)
    assert rows(html, "Attendees: 3") == [
        ["olga olga", "User", "Owner", "everything", "role", "1", "yes", "Remove olga"],
        *[
            [name, "Guest", "Guest", may, level, "0", "no", BUTTONS.format(name=name)]
            for name, may, level in [
                ("Gina", "join calls, audio", "conversation"),
                ("Greg", "nothing", "attendee"),
            ]
        ],
    ]
    [[device, who, in_call, _, _, action]] = rows(html, "Devices online: 1")
    assert [device, who, in_call, action] == [str(session), "olga", "yes", "Disconnect olga"]
    [[_, ended, people, why, by]] = rows(html, "Last calls")
    assert [ended, people, why, by] == ["–", "1", "Goes on", "–"]
    assert fact(html, "has_password") == "set"
    assert fact(html, "permissions") == "join calls, audio (from: conversation)"
    assert fact(html, "call_now").startswith("since 20")
    assert reverse("admin:talk_calls_call_change", args=[Call.objects.get().pk]) in html
    assert session.session_id not in html
    assert "hashed" not in html


@pytest.mark.parametrize(
    ("state", "seconds", "words"),
    [(0, None, "down"), (1, None, "up"), (1, 60, "up until {}"), (1, -60, "down since {}")],
)
def test_lobby_in_words(state, seconds, words):
    """A lobby whose time came is down."""
    now = timezone.now()
    timer = now + timedelta(seconds=seconds) if seconds else None
    room = ConversationFactory.build(lobby_state=state, lobby_timer=timer)
    expected = words.format(f"{timezone.localtime(timer):%Y-%m-%d %H:%M %Z}" if timer else "")
    assert reports.lobby_text(room, now) == expected


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (510, "everything"),
        (511, "everything"),
        (502, "everything but: pass the lobby"),
        (255, "everything but: reactions"),
        (257, "reactions"),
        (503 - 16 - 32, "everything but: pass the lobby, audio, video"),
        (1, "nothing"),
        (1 | 2 | 4, "start calls, join calls"),
    ],
)
def test_permissions_in_words(bits, words):
    """The shorter of what is allowed and what is not."""
    assert permission_texts.describe(bits) == words


def test_levels():
    """Permissions come from the first level that is set, as in the policies."""
    room = ConversationFactory.build()
    attendee = AttendeeFactory.build(conversation=room)
    assert permission_texts.level(room, attendee) == "site"
    room.default_permissions = 5
    assert permission_texts.level(room, attendee) == "conversation"
    room.call_permissions = 3
    assert permission_texts.level(room, attendee) == "this call"
    assert permission_texts.describe_effective(room, attendee) == "start calls"
    attendee.permissions = 1
    assert permission_texts.level(room, attendee) == "attendee"
    attendee.participant_type = 2
    assert permission_texts.level(room, attendee) == "role"


def test_view_only_staff_sees_what_it_may(client, room):
    """Each part takes the permission to view its rows; there are no buttons."""
    AttendeeFactory(conversation=room)
    staff = UserFactory(is_staff=True)
    client.force_login(staff)
    titles = ["Attendees: 1", "Devices online: 0", "Last calls"]
    for model, shown in (
        ("conversation", []),
        ("attendee", titles[:1]),
        ("session", titles[:2]),
        ("call", titles),
    ):
        found = Permission.objects.filter(
            content_type__app_label="talk_calls", codename=f"view_{model}"
        )
        staff.user_permissions.add(*found)
        html = page(client, room)
        assert [title for title in titles if f"<h2>{title}" in html] == shown
        assert 'name="action"' not in html


def test_a_thousand_attendees(admin_client, room):
    """A hundred are shown, in as many statements as of one."""

    def fill(many):
        Attendee.objects.bulk_create(
            Attendee(conversation=room, actor_type="guests", actor_id=f"{n}", display_name="Gina")
            for n in many
        )
        Session.objects.bulk_create(
            Session(session_id=f"{attendee.pk}", attendee=attendee, conversation=room)
            for attendee in room.attendees.filter(sessions=None)
        )

    counts, html = [], ""
    page(admin_client, room)  # Django learns its content types once
    for many in (range(1), range(1, 1000)):
        fill(many)
        with CaptureQueriesContext(connection) as captured:
            html = page(admin_client, room)
        counts.append(len(captured))
    assert counts == [counts[0]] * 2
    assert len(rows(html, "Attendees: 1,000")) == len(rows(html, "Devices online: 1,000")) == 100
    for model, query in (("attendee", ""), ("session", "presence=present&amp;")):
        path = reverse(f"admin:talk_calls_{model}_changelist")
        link = f"{path}?{query}conversation__id__exact={room.pk}"
        assert f'href="{link}"' in html
        found = admin_client.get(link.replace("&amp;", "&"))
        assert found.context["cl"].result_count == 1000


def test_history_ends_with_twenty_calls(admin_client, room):
    """The newest come first."""
    start = timezone.now() - timedelta(days=1)
    for number in range(25):
        at = start + timedelta(minutes=number)
        Call.objects.create(conversation=room, started_at=at, ended_at=at, end_reason="left")
    shown = rows(page(admin_client, room), "Last calls")
    last = [timezone.localtime(start + timedelta(minutes=n)) for n in range(24, 4, -1)]
    assert [row[0] for row in shown] == [f"{at:%Y-%m-%d %H:%M:%S}" for at in last]
    assert shown[0][3] == "Left the call"


def test_link_to_the_bans(admin_client, room):
    """The page says how many are banned, with a link to the list of these."""
    assert "Banned:" not in page(admin_client, room)
    for place in (room, ConversationFactory()):
        Ban.objects.create(
            conversation=place, actor_type="ips", actor_id="8.8.8.8", internal_note="secret"
        )
    html = page(admin_client, room)
    address = f"{reverse('admin:talk_calls_ban_changelist')}?conversation__id__exact={room.pk}"
    assert f'<a href="{address}">Banned: 1</a>' in html
    listed = admin_client.get(address).content.decode()
    assert listed.count(">8.8.8.8</") == 2  # the name, and what they are known as; of one ban
    assert "secret" not in listed
