"""Polls and settings say to a window that names itself why its session is gone, and to no other."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import ConversationType, SessionEnd
from talk_calls.host.browser_sessions import WINDOW_HEADER
from talk_calls.models import Attendee, Conversation, EndedSession, Session
from talk_calls.services import (
    conversations,
    expiry,
    locking,
    participants,
    sessions,
    sweeper,
    users,
)
from talk_calls.signaling import hub
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient
from tests.people import arrive

pytestmark = pytest.mark.django_db

NOBODY = [{"type": "usersInRoom", "data": []}]
WINDOW = "0b6c3b2e-53d5-4c39-9d0c-5a3f7d1f6a01"
OTHER_WINDOW = "7e1d8f0a-9a54-44c3-8d55-0c2d8d7d3b02"


@dataclass
class Window:
    """A window of a browser in a conversation."""

    room: Conversation
    device: OCSClient
    name: str = WINDOW
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = f"room/{self.room.token}/participants/active"

    def ask(self, method: str, path: str, data: Any = None) -> OCSAnswer:
        return self.device.request(method, path, data, headers={WINDOW_HEADER: self.name})

    def enter(self) -> "Window":
        answer = self.ask("post", self.path)
        assert answer.http == 200, answer.whole
        return self

    def poll(self) -> OCSAnswer:
        return self.ask("get", f"signaling/{self.room.token}")

    @property
    def session(self) -> Session:
        return Session.objects.select_related("attendee__user").latest("pk")


def window(who: str, version: str = "v3") -> Window:
    """Return a window of a guest, or of a user who logged in by the site's page."""
    device = OCSClient(version=version)
    if who == "user":
        device.browser.force_login(UserFactory())
    owner = AttendeeFactory(conversation=ConversationFactory(), participant_type=1)
    return Window(owner.conversation, device).enter()


def ended(status: int, reason: str | None, *, code: int | None = None, message: str = ""):
    """Return the whole answer that says why."""
    meta = {"status": "failure", "statuscode": code or status, "message": message}
    return status, {"meta": meta, "data": {"reason": reason} if reason else NOBODY}


def forget_login(window: Window) -> None:
    window.device.browser.cookies.clear()


def log_out(window: Window) -> None:
    window.device.browser.logout()


def deactivate(window: Window) -> None:
    user = window.session.attendee.user
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    users.follow(user_pks=[user.pk])


def deactivate_unseen(window: Window) -> None:
    user = window.session.attendee.user
    type(user).objects.filter(pk=user.pk).update(is_active=False)


def expire_login(window: Window) -> None:
    BrowserSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def enter_elsewhere(window: Window) -> None:
    other = OCSClient(version="v3")
    other.browser.force_login(window.session.attendee.user)
    Window(window.room, other, OTHER_WINDOW).enter()


def expire(window: Window) -> None:
    Session.objects.update(last_ping=timezone.now() - timedelta(seconds=101))


def sweep_away(window: Window) -> None:
    expire(window)
    sweeper.sweep()


def newcomer_sweeps_away(window: Window) -> None:
    expire(window)
    with locking.locked(window.room.pk) as locked:
        expiry.remove_passing(locked)


def remove(window: Window) -> None:
    participants.remove(attendee=window.session.attendee)


def remove_session(window: Window) -> None:
    sessions.remove(session=window.session)


def close_to_the_public(window: Window) -> None:
    conversations.set_public(conversation=window.room, public=False)


def delete_room(window: Window) -> None:
    conversations.delete(conversation=window.room)


def delete_account(window: Window) -> None:
    window.session.attendee.user.delete()


def leave(window: Window) -> None:
    window.ask("delete", window.path)


def resign(window: Window) -> None:
    participants.resign(attendee=window.session.attendee, now=timezone.now())


ENDS = [
    ("user", log_out, "logged_out"),
    ("user", forget_login, "login_expired"),
    ("user", expire_login, "login_expired"),
    ("user", deactivate, "account_disabled"),
    ("user", deactivate_unseen, "account_disabled"),
    ("user", delete_account, "account_disabled"),
    ("user", enter_elsewhere, "replaced"),
    ("user", remove_session, "removed"),
    *((who, remove, "removed") for who in ("user", "guest")),
    *((who, close_to_the_public, "removed") for who in ("user", "guest")),
    *((who, delete_room, "deleted") for who in ("user", "guest")),
    *((who, expire, "timed_out") for who in ("user", "guest")),
    *((who, sweep_away, "timed_out") for who in ("user", "guest")),
    ("guest", newcomer_sweeps_away, "timed_out"),
    ("guest", forget_login, None),
    *((who, leave, None) for who in ("user", "guest")),
    ("user", resign, None),
]


@pytest.mark.parametrize(
    ("who", "end", "reason"), ENDS, ids=lambda value: getattr(value, "__name__", value)
)
def test_next_poll(who, end, reason):
    """The poll after the end says why; what the client did itself, or nobody knows, is not told."""
    page = window(who)
    end(page)
    assert page.poll().whole == ended(404, reason)


@pytest.mark.parametrize("who", ["user", "guest"])
def test_all_versions(old_version, who):
    """Each version of signaling says the same."""
    page = window(who, old_version)
    remove(page)
    assert page.poll().whole == ended(404, "removed")


@pytest.mark.parametrize(
    ("who", "end", "expected"),
    [
        ("user", log_out, ended(404, "logged_out")),
        ("user", enter_elsewhere, ended(409, "replaced")),
        (
            "user",
            deactivate,
            ended(401, "account_disabled", code=997, message="Current user is not logged in"),
        ),
        ("guest", remove, ended(404, "removed")),
        ("guest", delete_room, ended(404, "deleted")),
        ("guest", expire, ended(409, "timed_out")),
        ("guest", leave, ended(404, None)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_waiting_poll(monkeypatch, who, end, expected):
    """A poll that waits meanwhile says the same; its status is the one of old."""
    page = window(who)
    page.poll()
    real, done = hub.Waiter.rearm, []

    def rearm(waiter):
        if not done:
            done.append(True)
            end(page)
        real(waiter)

    monkeypatch.setattr(hub.Waiter, "rearm", rearm)
    assert page.poll().whole == expected


def test_copy_of_a_window(monkeypatch):
    """A copy of a tab has the name of the window: the earlier page reads that it was replaced."""
    page = window("guest")
    page.poll()
    real, done = hub.Waiter.rearm, []

    def rearm(waiter):
        if not done:
            done.append(True)
            page.enter()
        real(waiter)

    monkeypatch.setattr(hub.Waiter, "rearm", rearm)
    assert page.poll().whole == ended(409, "replaced")
    monkeypatch.undo()
    assert page.poll().http == 200


def test_last_end_counts():
    """Who was removed, came in again, and left by itself is not told of the removal."""
    page = window("guest")
    remove(page)
    assert page.poll().whole == ended(404, "removed")
    page.enter()
    leave(page)
    assert page.poll().whole == ended(404, None)


def log_in_as_another(window: Window) -> None:
    window.device.browser.cookies.clear()
    window.device.browser.force_login(UserFactory())


def log_in_again(window: Window) -> None:
    user = window.session.attendee.user
    window.device.browser.cookies.clear()
    window.device.browser.force_login(user)


@pytest.mark.parametrize(
    ("who", "end"),
    [
        ("user", log_in_as_another),
        ("user", log_in_again),
        ("guest", log_in_as_another),
        ("guest", forget_login),
    ],
)
def test_a_reload_before_is_no_reason(who, end):
    """A reload replaces the session, which says nothing to a browser that lost the new one."""
    page = window(who).enter()
    end(page)
    assert page.poll().whole == ended(404, None)


# --- who is told --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [OTHER_WINDOW, "short", ""])
@pytest.mark.parametrize("who", ["user", "guest"])
def test_others_learn_nothing(who, name):
    """Other windows get the answer of a conversation that never was, whoever is logged in."""
    page = window(who)
    remove(page)
    page.name = name
    answer = page.poll()
    assert answer.whole == ended(404, None)
    stranger = Window(Conversation(token="nowhere"), OCSClient(version="v3"), name)
    assert stranger.poll().whole == answer.whole


def test_another_conversation():
    """The reason is that of one conversation."""
    page = window("guest")
    remove(page)
    page.room = ConversationFactory()
    assert page.poll().whole == ended(404, None)


def test_apps_read_what_they_read_before():
    """A client that names no window gets the list with nobody in it, and costs no query more."""
    room = ConversationFactory()
    member = arrive("member", room)
    path = f"signaling/{room.token}"
    with CaptureQueriesContext(connection) as before:
        OCSClient(version="v3").get(path)
    Session.objects.all().delete()
    with CaptureQueriesContext(connection) as after:
        answer = OCSClient(version="v3").get(path)
    assert answer.whole == ended(404, None)
    assert len(after) == len(before)
    participants.remove(attendee=member.attendee)
    assert member.device.get(path).whole == ended(404, None)
    assert not EndedSession.objects.exists()


@pytest.mark.parametrize("size", [0, 1000])
def test_reason_takes_two_queries(size):
    """However many ends are kept, and sessions are there, a reason costs two queries."""
    page = window("guest")
    remove(page)
    now = timezone.now()
    ends = (
        EndedSession(window=f"{number:032}", reason=SessionEnd.LEFT, ended_at=now)
        for number in range(size)
    )
    EndedSession.objects.bulk_create(ends)
    with CaptureQueriesContext(connection) as captured:
        page.poll()
    with CaptureQueriesContext(connection) as without:
        page.device.get(f"signaling/{page.room.token}")
    assert len(captured) - len(without) == 2


def test_window_is_stored_as_a_digest():
    """Whoever reads the tables cannot name the window."""
    page = window("guest")
    stored = page.session.window
    remove(page)
    assert len(stored) == 32
    assert set(stored) <= set("0123456789abcdef")
    assert list(EndedSession.objects.values_list("window", "reason")) == [(stored, "removed")]


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "reason"), [(remove, "removed"), (log_out, "logged_out"), (delete_room, "deleted")]
)
def test_settings(old_version, end, reason):
    """Asking how to signal in a conversation that one may not see any more says why."""
    device = OCSClient(version=old_version)
    device.browser.force_login(UserFactory())
    room = ConversationFactory(type=ConversationType.GROUP)
    Attendee.objects.create(conversation=room, user=UserFactory(), participant_type=1)
    user = device.browser.session["_auth_user_id"]
    attendee = Attendee.objects.create(conversation=room, user_id=user, participant_type=3)
    page = Window(room, device).enter()
    if end is remove:
        participants.remove(attendee=attendee)
    else:
        end(page)
    meta = {"status": "failure", "statuscode": 404, "message": ""}
    data = {"token": room.token}
    answer = page.ask("get", "signaling/settings", data)
    assert answer.whole == (404, {"meta": meta, "data": {"reason": reason}})
    other = device.get("signaling/settings", data)
    assert other.whole == (404, {"meta": meta, "data": []})


def test_xml():
    """The reason stands in XML as in JSON."""
    page = window("guest")
    remove(page)
    page.device.wire = "xml"
    assert page.poll().data == {"reason": "removed"}
