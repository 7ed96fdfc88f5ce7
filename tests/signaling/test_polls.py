"""Polls: their answers, when these come, and that lost ones are repeated."""

import json
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from talk_calls.api.serializers.signaling import ROSTER_VIEWS
from talk_calls.conf import conf
from talk_calls.constants import MOST_LOST_ANSWERS, ActorType, LegReason, ParticipantType
from talk_calls.models import Attendee, Conversation, Session, SignalingMessage
from talk_calls.services import calls, conversations, lobby, locking, sessions
from talk_calls.signaling import hub, poll, wakeup
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory
from tests.patience import in_time
from tests.people import PARTICIPANTS, arrive
from tests.signaling.conftest import messages, offer, pull, send

pytestmark = pytest.mark.django_db

EMPTY = [{"type": "usersInRoom", "data": []}]


def users(answer) -> list[dict]:
    """Return the list of users at the end of an answer."""
    assert answer.http == 200, answer.whole
    return answer.data[-1]["data"]


def ids(answer) -> set[str]:
    return {user["sessionId"] for user in users(answer)}


def cookie_of(person) -> str:
    return person.device.browser.cookies[f"talk_calls_{person.conversation.token}"].value


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.contract("8.4")
def test_users_in_room(old_version):
    """The answer has everybody who is online, newest ping first; v3 has permissions."""
    room = ConversationFactory()
    ada, guest = arrive("owner", room, version=old_version), arrive("guest", room)
    Session.objects.filter(pk=guest.session.pk).update(in_call=3)
    now = timezone.now()
    Session.objects.filter(pk=ada.session.pk).update(last_ping=now - timedelta(seconds=5))
    ada.session.refresh_from_db()
    guest.session.refresh_from_db()

    def user(person, name, flags, permissions):
        item = {
            "userId": name,
            "roomId": room.pk,
            "lastPing": int(person.session.last_ping.timestamp()),
            "sessionId": person.session.session_id,
            "inCall": flags,
        }
        return item | ({"participantPermissions": permissions} if old_version == "v3" else {})

    expected = [user(guest, "", 3, 374), user(ada, ada.device.username, 0, 382)]
    assert pull(ada).data == [{"type": "usersInRoom", "data": expected}]


@pytest.mark.contract("8.4")
@pytest.mark.parametrize(
    ("age", "flags", "old", "new"), [(29, 7, 7, 7), (35, 7, 0, 0), (45, 7, 0, None)]
)
def test_who_is_shown(old_version, age, flags, old, new):
    """v3 shows who pinged within 40 s, the others all; nobody is in call after 30 s."""
    room = ConversationFactory()
    ada = arrive("owner", room, version=old_version)
    other = SessionFactory(
        attendee=AttendeeFactory(conversation=room),
        in_call=flags,
        last_ping=timezone.now() - timedelta(seconds=age),
    )
    shown = {user["sessionId"]: user["inCall"] for user in users(pull(ada))}
    assert shown.get(other.session_id) == (new if old_version == "v3" else old)


def test_email_invitees_have_no_user_id():
    """Only accounts have a user id."""
    room = ConversationFactory()
    ada = arrive("owner", room)
    mail = AttendeeFactory(
        conversation=room,
        user=None,
        actor_type=ActorType.EMAILS,
        actor_id="x@example.org",
        participant_type=ParticipantType.GUEST,
    )
    SessionFactory(attendee=mail)
    assert sorted(user["userId"] for user in users(pull(ada))) == ["", ada.device.username]


def test_behind_the_lobby_people_see_themselves_only():
    """In the lobby one sees oneself only (lessons 2, row 12)."""
    room = ConversationFactory(lobby_state=1)
    ada = arrive("owner", room)
    Conversation.objects.filter(pk=room.pk).update(lobby_state=0)
    bob = arrive("member", room)
    Conversation.objects.filter(pk=room.pk).update(lobby_state=1)
    assert ids(pull(bob)) == {bob.session.session_id}
    assert ids(pull(ada)) == {ada.session.session_id, bob.session.session_id}


def test_a_poll_stores_timeouts():
    """A poll that notices a timeout stores it, and all others are answered at once."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    bob.call("post")
    long_ago = timezone.now() - timedelta(seconds=31)
    Session.objects.filter(pk=bob.session.pk).update(last_ping=long_ago)
    shown = {user["sessionId"]: user["inCall"] for user in users(pull(ada))}
    assert shown[bob.session.session_id] == 0
    assert bob.flags == 0
    assert not room.calls.filter(ended_at=None).exists()


# --- who may ask ----------------------------------------------------------------------------------


@pytest.mark.contract("8.4")
@pytest.mark.parametrize("who", ["stranger", "nobody", "offline"])
def test_without_a_session(old_version, who):
    """Without a session a poll is 404 with an empty list, as if there were no conversation."""
    room = ConversationFactory()
    if who == "offline":
        person = arrive("member", room, version=old_version, online=False)
    else:
        person = arrive(who, room, version=old_version)
    meta = {"status": "failure", "statuscode": 404, "message": ""}
    assert pull(person).whole == (404, {"meta": meta, "data": EMPTY})


def test_v1_entry():
    """Under v1.php the status stands in the envelope."""
    person = arrive("stranger", ConversationFactory())
    person.device.entry = 1
    answer = pull(person)
    assert (answer.http, answer.code, answer.data) == (200, 404, EMPTY)


def test_a_browser_without_a_session_never_polls_for_the_phone():
    """Messages are for devices: another one of the same user does not get them."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    send(ada, offer(bob))
    bob.device.browser.cookies["sessionid"] = "unknown"
    assert pull(bob).http == 404


def test_two_conversations_at_once():
    """The token in the path selects the user's session."""
    rooms = [ConversationFactory(), ConversationFactory()]
    device = arrive("owner", rooms[0]).device
    for room in rooms:
        if not room.attendees.exists():
            AttendeeFactory(conversation=room, user=rooms[0].attendees.get().user)
        assert device.post(f"room/{room.token}/participants/active").http == 200
    for room in rooms:
        (user,) = device.get(f"signaling/{room.token}").data[-1]["data"]
        assert user["roomId"] == room.pk


# --- pings ----------------------------------------------------------------------------------------


def test_a_poll_is_a_ping(old_version):
    """Asking is a sign of life, so that nobody who polls falls out of the list."""
    room = ConversationFactory()
    ada = arrive("owner", room, version=old_version)
    ada.call("post")
    Session.objects.filter(pk=ada.session.pk).update(
        last_ping=timezone.now() - timedelta(seconds=25)
    )
    pull(ada)
    ada.session.refresh_from_db()
    assert timezone.now() - ada.session.last_ping < timedelta(seconds=2)
    assert ada.flags == 7


@pytest.mark.parametrize(("age", "longest"), [(0, 25), (9, 16), (12, 25)])
def test_a_poll_ends_before_its_ping_times_out(monkeypatch, age, longest):
    """If a ping is not stored again, the wait is shortened, so that 5 s remain to ask again."""
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    now = timezone.now()
    session = SessionFactory(last_ping=now - timedelta(seconds=age))
    if sessions.ping([session], now=now):
        session.last_ping = now
    asking = poll.Poll.start(session, acknowledged=None, view=ROSTER_VIEWS["v3"])
    try:
        waits = (asking.deadline - now).total_seconds()
        assert waits == longest
        assert asking.deadline < session.last_ping + conf.session_timeout
    finally:
        hub.remove(asking.waiter)


def test_a_short_timeout_shortens_polls(settings, monkeypatch):
    """A site with shorter time-outs has shorter polls."""
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 6, "SESSION_KILL": 20}
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    session = SessionFactory(last_ping=timezone.now())
    asking = poll.Poll.start(session, acknowledged=None, view=ROSTER_VIEWS["v3"])
    hub.remove(asking.waiter)
    assert asking.deadline == session.last_ping + timedelta(seconds=5)


# --- nothing lost, nothing twice ------------------------------------------------------------------


def test_a_lost_answer_is_repeated():
    """A client that never got an answer, and so has not its cookie, gets it once more."""
    room = ConversationFactory()
    ada, bob = (arrive("owner", room), arrive("guest", room))
    pull(bob)
    kept = cookie_of(bob)
    send(ada, offer(bob, sid="1"))
    assert [each["sid"] for each in messages(pull(bob))] == ["1"]
    bob.device.browser.cookies[f"talk_calls_{room.token}"] = kept
    send(ada, offer(bob, sid="2"))
    assert [each["sid"] for each in messages(pull(bob))] == ["1", "2"]
    assert messages(pull(bob)) == []
    assert not SignalingMessage.objects.exists()


@pytest.mark.parametrize("who", ["guest", "member"])
def test_clients_may_say_what_they_got(who):
    """Then an answer of which only the head arrived is repeated, cookies or not."""
    room = ConversationFactory()
    ada, bob = (arrive("owner", room), arrive(who, room))
    path = f"signaling/{room.token}"
    send(ada, offer(bob, sid="1"))
    assert bob.device.get(path, {"acknowledged": 0}).response["X-Talk-Calls-Answer"] == "1"
    send(ada, offer(bob, sid="2"))
    answer = bob.device.get(path, {"acknowledged": 0})
    assert [each["sid"] for each in messages(answer)] == ["1", "2"]
    assert answer.response["X-Talk-Calls-Answer"] == "2"
    answer = bob.device.get(path, {"acknowledged": 2})
    assert messages(answer) == []
    assert "X-Talk-Calls-Answer" not in answer.response


@pytest.mark.parametrize("value", ["-1", "x", "1.5", str(2**31)])
def test_what_is_no_acknowledgement(value):
    """It is refused, and acknowledges nothing."""
    room = ConversationFactory()
    ada, bob = (arrive("owner", room), arrive("guest", room))
    send(ada, offer(bob))
    assert bob.device.get(f"signaling/{room.token}", {"acknowledged": value}).http == 400
    assert len(messages(pull(bob))) == 1


def test_the_first_answer_may_be_lost():
    """A client with a session cookie keeps cookies, so without ours it got no answer yet."""
    room = ConversationFactory()
    ada, bob = (arrive("owner", room), arrive("guest", room))
    send(ada, offer(bob))
    assert len(messages(pull(bob))) == 1
    del bob.device.browser.cookies[f"talk_calls_{room.token}"]
    assert len(messages(pull(bob))) == 1


def test_a_lost_roster_is_repeated(monkeypatch):
    """An answer with nothing but the roster is repeated at once, too, if it was lost."""
    room = ConversationFactory()
    bob = arrive("guest", room)
    pull(bob)
    kept = cookie_of(bob)
    arrive("guest", room)
    assert len(ids(pull(bob))) == 2
    bob.device.browser.cookies[f"talk_calls_{room.token}"] = kept
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    started = time.monotonic()
    assert len(ids(pull(bob))) == 2
    in_time(time.monotonic() - started, 5)


def test_duplicates_are_bounded():
    """A client that never acknowledges keeps no cookies: messages are repeated a few times."""
    room = ConversationFactory()
    ada, bob = (arrive("owner", room), arrive("guest", room))
    send(ada, offer(bob))
    got = 0
    for _ in range(MOST_LOST_ANSWERS + 4):
        got += len(messages(pull(bob)))
        bob.device.browser.cookies.pop(f"talk_calls_{room.token}", None)
    assert got == MOST_LOST_ANSWERS + 1
    send(ada, offer(bob))
    assert len(messages(pull(bob))) == 1
    del bob.device.browser.cookies[f"talk_calls_{room.token}"]
    assert messages(pull(bob)) == []


def test_without_cookies_nothing_is_repeated():
    """A client without a cookie jar is taken to have received every answer."""
    room = ConversationFactory()
    ada, bob = (arrive("owner", room), arrive("member", room))
    send(ada, offer(bob))
    for expected in (1, 0, 0):
        bob.device.browser.cookies.clear()
        assert len(messages(pull(bob))) == expected


@pytest.mark.parametrize(
    "value", ["", "1", "x.1", "{pk}.", "{pk}.x", "{pk}.-1", "{pk}.99999999999"]
)
def test_forged_acknowledgements(value):
    """A cookie that is none of ours acknowledges nothing, or all, and breaks nothing."""
    room = ConversationFactory()
    ada, bob = (arrive("owner", room), arrive("guest", room))
    send(ada, offer(bob))
    bob.device.browser.cookies[f"talk_calls_{room.token}"] = value.format(pk=bob.session.pk)
    assert len(messages(pull(bob))) == 1


def test_the_cookie(settings):
    """It is for this poll alone, and no script reads it."""
    settings.SESSION_COOKIE_SECURE = True
    room = ConversationFactory()
    bob = arrive("guest", room)
    pull(bob)
    cookie = bob.device.browser.cookies[f"talk_calls_{room.token}"]
    assert cookie.value == f"{bob.session.pk}.1"
    assert cookie["path"] == f"/ocs/v2.php/apps/spreed/api/v3/signaling/{room.token}"
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert (cookie["max-age"], cookie["domain"]) == ("", "")


# --- when -----------------------------------------------------------------------------------------


CHANGES = {
    "somebody joins the conversation": lambda room, other: arrive("guest", room),
    "somebody joins the call": lambda room, other: other.call("post"),
    "somebody leaves": lambda room, other: other.room("delete", "/participants/active"),
    "a guest gets a name": lambda room, other: other.device.post(
        f"guest/{room.token}/name", {"displayName": "Gus"}
    ),
    "the lobby": lambda room, other: lobby.set_state(
        conversation=room, state=1, timer=None, now=timezone.now()
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_between_two_polls_is_answered_at_once(change, monkeypatch):
    """A change while no poll waited is in the next answer, at once."""
    room = ConversationFactory()
    ada, other = arrive("owner", room), arrive("guest", room, version="v1")
    pull(ada)
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    change(room, other)
    started = time.monotonic()
    assert pull(ada).http == 200
    in_time(time.monotonic() - started, 5)


def test_without_news_a_poll_waits():
    """A poll without news ends with the list of who is online."""
    ada = arrive("owner", ConversationFactory())
    pull(ada)
    in_a_second = timezone.now() + timedelta(seconds=1)  # however slow the machine is
    Session.objects.filter(pk=ada.session.pk).update(last_ping=in_a_second)
    started = time.monotonic()
    assert ids(pull(ada)) == {ada.session.session_id}
    assert in_time(time.monotonic() - started, 5) > 0.2
    assert hub.waiting() == []


# --- while a poll waits ---------------------------------------------------------------------------


class Waiting:
    """A poll in a thread of its own, which is looked after once it waits."""

    def __init__(self, person) -> None:
        self.answer = None
        self.ended = 0.0
        self._thread = threading.Thread(target=self._run, args=(person,))

    def _run(self, person) -> None:
        try:
            self.answer = pull(person)
            self.ended = time.monotonic()
        finally:
            connection.close()

    def __enter__(self) -> "Waiting":
        self._thread.start()
        until = time.monotonic() + 5
        while not hub.waiting() and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        self.began = time.monotonic()
        self._thread.join(30)
        assert self.answer is not None, "the poll did not end"


def _remove_bob(room, bob):
    with locking.locked(room.pk, now=timezone.now()) as locked:
        locked.remove_attendees(Attendee.objects.get(pk=bob.attendee.pk), LegReason.REMOVED)


def _end_the_call(room, bob):
    ada = Session.objects.exclude(attendee=bob.attendee).get(conversation=room)
    calls.end_for_all(session=ada, now=timezone.now())


def _join_elsewhere(room, bob):
    sessions.enter(
        conversation=room,
        actor=sessions.Actor(bob.attendee.user),
        attendee=bob.attendee,
        password="",
        force=True,
        now=timezone.now(),
        replaces=None,
    )


ENDINGS = {
    "lobby": (
        lambda room, bob: lobby.set_state(
            conversation=room, state=1, timer=None, now=timezone.now()
        ),
        200,
    ),
    "lock": (
        lambda room, bob: conversations.set_read_only(
            conversation=room, state=1, now=timezone.now()
        ),
        200,
    ),
    "end for all": (_end_the_call, 200),
    "kick": (_remove_bob, 404),
    "deletion": (
        lambda room, bob: conversations.delete(conversation=room, now=timezone.now()),
        404,
    ),
    "joined elsewhere": (_join_elsewhere, 409),
}


@pytest.mark.contract("8.4")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("event", "status"), ENDINGS.values(), ids=ENDINGS)
def test_changes_that_concern_a_waiting_client(event, status, monkeypatch):
    """Lobby, lock, end, removal, deletion and another device end a waiting poll at once."""
    monkeypatch.setattr(wakeup, "QUERY_INTERVAL", 60)  # by the hint, and not by a query
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    for person in (ada, bob):
        person.call("post")
    pull(bob)
    with Waiting(bob) as waiting:
        event(room, bob)
    in_time(waiting.ended - waiting.began, 1)
    answer = waiting.answer
    assert answer.http == status
    if status != 200:
        assert answer.data == EMPTY
        return
    own = [user for user in users(answer) if user["sessionId"] == bob.session.session_id]
    assert [user["inCall"] for user in own] == [0]


@pytest.mark.django_db(transaction=True)
def test_a_poll_that_is_woken_in_vain_waits_on(monkeypatch):
    """It checks once for each time that it is woken."""
    monkeypatch.setattr(wakeup, "QUERY_INTERVAL", 60)
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    checks = []
    check = poll.Poll.check
    monkeypatch.setattr(poll.Poll, "check", lambda *args: checks.append(1) or check(*args))
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    pull(bob)
    checks.clear()
    with Waiting(bob):
        for count in (2, 3):
            hub.wake(room.pk)
            until = time.monotonic() + 5
            while len(checks) < count and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(0.1)
            assert len(checks) == count
        send(ada, offer(bob))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hint", [True, False], ids=["hint", "no hint"])
def test_a_message_to_a_waiting_client(hint, monkeypatch):
    """It arrives at once with a hint, and within a second without one."""
    monkeypatch.setattr(wakeup, "QUERY_INTERVAL", 60 if hint else wakeup.QUERY_INTERVAL)
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    if not hint:
        monkeypatch.setattr(hub, "wake", lambda *_: None)
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    pull(bob)
    with Waiting(bob) as waiting:
        send(ada, offer(bob))
    in_time(waiting.ended - waiting.began, 1)
    assert len(messages(waiting.answer)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_lobby_falls_by_itself(monkeypatch):
    """A poll of somebody who waits in the lobby ends when its timer does."""
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    falls = timezone.now() + timedelta(seconds=1)
    lobby.set_state(conversation=room, state=1, timer=falls, now=timezone.now())
    assert ids(pull(bob)) == {bob.session.session_id}
    with Waiting(bob) as waiting:
        pass
    in_time(waiting.ended - waiting.began, 3)
    assert ids(waiting.answer) == {ada.session.session_id, bob.session.session_id}


@pytest.mark.django_db(transaction=True)
def test_asking_again_sends_the_earlier_poll_home(monkeypatch):
    """A client that lost its connection asks again; what comes then is for the second poll."""
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=25))
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    pull(bob)
    with Waiting(bob) as first, Waiting(bob) as second:
        send(ada, offer(bob))
    assert messages(first.answer) == []
    assert len(messages(second.answer)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_while_waiting(monkeypatch):
    """The answer is as always: 503 in the envelope."""
    room = ConversationFactory()
    bob = arrive("member", room)
    pull(bob)

    bob.device.browser.raise_request_exception = False  # a server would not

    def fail(*_):
        raise OperationalError("gone")

    with Waiting(bob) as waiting:
        monkeypatch.setattr(poll, "_find", fail)
    assert waiting.answer.http == 503
    assert waiting.answer.response["Retry-After"] == "1"
    assert "gone" not in json.dumps(waiting.answer.ocs)


@pytest.mark.parametrize("who", PARTICIPANTS)
def test_everybody_who_is_online_may_poll(who, old_version):
    """Users and guests may poll, moderators or not."""
    person = arrive(who, ConversationFactory(), version=old_version)
    assert ids(pull(person)) == {person.session.session_id}
