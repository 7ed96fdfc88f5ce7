"""What visitors of the call page see before they join, and their other devices."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.api import keeping
from talk_calls.constants import ConversationType, ParticipantType
from talk_calls.host.browser_sessions import WINDOW_HEADER
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import calls, lobby, locking, participants
from tests.api.test_budgets import participants_in_call
from tests.contract.expected import ok, refused
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

WINDOW = "0b6c3b2e-53d5-4c39-9d0c-5a3f7d1f6a01"
OTHER_WINDOW = "0b6c3b2e-53d5-4c39-9d0c-5a3f7d1f6a02"
ADA = {"displayName": "Weekly", "people": ["Ada"], "count": 2}
NAME = {"displayName": "Weekly", "people": [], "count": None}
NOTHING = {"displayName": "", "people": [], "count": None}
OWN = {
    "moderatorTold": False,
    "callEnd": None,
    "sessionEnd": None,
    "otherDevices": 0,
    "ban": None,
}


@pytest.fixture
def room() -> Conversation:
    """Return a conversation with a call of a user and of a guest without a name."""
    room = ConversationFactory()
    ada = AttendeeFactory(conversation=room, display_name="Ada", participant_type=1)
    for attendee in (ada, GuestFactory(conversation=room)):
        session = SessionFactory(attendee=attendee)
        calls.join(session=session, flags=7, now=timezone.now())
    return room


def browser(user=None) -> OCSClient:
    device = OCSClient(version="v1")
    if user is not None:
        device.browser.force_login(user)
    return device


def enter(device: OCSClient, room: Conversation, **data: str) -> Session:
    answer = OCSClient(version="v4", browser=device.browser).post(
        f"room/{room.token}/participants/active", data
    )
    assert answer.http == 200, answer.whole
    return Session.objects.get(session_id=answer.data["sessionId"])


def change(room: Conversation, **values: object) -> None:
    Conversation.objects.filter(pk=room.pk).update(**values)


def visit(device: OCSClient, room: Conversation):
    return device.get(f"visit/{room.token}")


# --- who sees what ------------------------------------------------------------------------------

STATES = {
    "open": ({}, ADA, ADA),
    "lobby": ({"lobby_state": 1}, NAME, NAME),
    "password": ({"password": make_password("secret")}, NOTHING, ADA),
    "both": ({"password": make_password("secret"), "lobby_state": 1}, NOTHING, NAME),
    "locked": ({"read_only": 1}, NAME, NAME),
}


@pytest.mark.parametrize("who", ["guest", "user"])
@pytest.mark.parametrize("state", STATES)
def test_public_conversation(room, who, state):
    """In front of a password one sees neither name nor people, and no people from a lobby."""
    values, outside, inside = STATES[state]
    device = browser(UserFactory() if who == "user" else None)
    change(room, **values)
    answer = visit(device, room)
    assert answer.whole == ok(answer, {**outside, **OWN})
    enter(device, room, password="secret")
    answer = visit(device, room)
    told = state in ("lobby", "both")  # Ada is there, and moderates
    assert answer.whole == ok(answer, {**inside, **OWN, "moderatorTold": told})


@pytest.mark.parametrize("state", STATES)
def test_moderator(room, state):
    """A moderator waits nowhere, and needs no password, also before coming in."""
    change(room, **STATES[state][0])
    moderator = AttendeeFactory(conversation=room, participant_type=2)
    answer = visit(browser(moderator.user), room)
    seen = NAME if state == "locked" else ADA
    assert answer.whole == ok(answer, {**seen, **OWN})


def test_session_that_is_gone(room):
    """Behind a password, who lost the session stands in front of it again."""
    device = browser()
    change(room, password=make_password("secret"))
    session = enter(device, room, password="secret")
    Session.objects.filter(pk=session.pk).update(last_ping=timezone.now() - timedelta(seconds=101))
    answer = visit(device, room)
    assert answer.whole == ok(answer, {**NOTHING, **OWN})


def test_where_calls_are_switched_off(room, settings):
    """A site without calls says nothing about people in them."""
    settings.TALK_CALLS = {"START_CALLS": "no one"}
    answer = visit(browser(), room)
    assert answer.whole == ok(answer, {**NAME, **OWN})


@pytest.mark.parametrize("kind", [ConversationType.GROUP, ConversationType.ONE_TO_ONE])
@pytest.mark.parametrize("who", ["guest", "user"])
def test_closed_conversation(room, who, kind):
    """Who may not know of it reads what an unknown token answers, and so with other devices."""
    change(room, type=kind)
    device = browser(UserFactory() if who == "user" else None)
    answer = visit(device, room)
    unknown = device.get("visit/nowhere")
    assert answer.whole == unknown.whole == refused(answer, 404)
    if who == "user":
        answer, unknown = (
            device.delete(f"visit/{token}/others") for token in (room.token, "nowhere")
        )
        assert answer.whole == unknown.whole == refused(answer, 404)


def test_nobody_in_the_call():
    """An open conversation without a call has nobody in it."""
    answer = visit(browser(), ConversationFactory())
    assert answer.whole == ok(answer, {"displayName": "Weekly", "people": [], "count": 0, **OWN})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 1000])
def test_bounded(settings, size):
    """Twenty names at most, and the same statements for 1 and 1,000 people."""
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 0}
    room = ConversationFactory()
    participants_in_call(room, size)
    device = browser()
    with CaptureQueriesContext(connection) as captured:
        answer = visit(device, room)
    names = [f"crowd{number}" for number in range(min(size, 20))]
    assert answer.data == {"displayName": "Weekly", "people": names, "count": size, **OWN}
    assert len(captured) == 3
    change(room, lobby_state=1)
    enter(device, room)
    with CaptureQueriesContext(connection) as captured:
        assert visit(device, room).data == {**NAME, **OWN}
    assert len(captured) <= 5


def test_several_devices_are_one_person(room):
    """People are counted, and not their devices."""
    session = SessionFactory(attendee=Attendee.objects.get(display_name="Ada"))
    calls.join(session=session, flags=7, now=timezone.now())
    assert visit(browser(), room).data == {**ADA, **OWN}


# --- the own session ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "age", "told"), [("owner", 0, True), ("owner", 31, False), ("member", 0, False)]
)
def test_moderator_told(room, who, age, told):
    """Somebody who waits learns whether a moderator is there to see it."""
    change(room, lobby_state=1)
    device = browser()
    enter(device, room)
    role = ParticipantType.OWNER if who == "owner" else ParticipantType.USER
    Attendee.objects.filter(display_name="Ada").update(participant_type=role)
    past = timezone.now() - timedelta(seconds=age)
    Session.objects.filter(attendee__display_name="Ada").update(last_ping=past)
    assert visit(device, room).data == {**NAME, **OWN, "moderatorTold": told}


def send_to_lobby(room: Conversation, session: Session) -> None:
    lobby.set_state(conversation=room, state=1, timer=None)


def time_out(room: Conversation, session: Session) -> None:
    past = timezone.now() - timedelta(seconds=31)
    Session.objects.filter(pk=session.pk).update(last_ping=past)


def time_out_stored(room: Conversation, session: Session) -> None:
    time_out(room, session)
    locking.apply_timeouts(room.pk, now=timezone.now())


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda room, session: None, None),
        (lambda room, session: calls.leave(session=session, now=timezone.now()), "left"),
        (lambda room, session: calls.end(conversation=room), "ended_for_all"),
        (send_to_lobby, "lobby"),
        (time_out, "timeout"),
        (time_out_stored, "timeout"),
    ],
)
def test_call_end(room, end, reason):
    """Why the session left the call last, as its leg says; nothing while it is in."""
    device = browser()
    session = enter(device, room)
    calls.join(session=session, flags=7, now=timezone.now())
    calls.leave(session=session, now=timezone.now())
    calls.join(session=session, flags=7, now=timezone.now())
    end(room, session)
    assert visit(device, room).data["callEnd"] == reason


@pytest.mark.parametrize("who", ["guest", "user"])
def test_other_devices(room, who):
    """The other devices of an account that are in the call; a guest has none."""
    user = UserFactory() if who == "user" else None
    devices = [browser(user) for _ in range(3)]
    for number, device in enumerate(devices):
        session = enter(device, room)
        if number:
            calls.join(session=session, flags=7, now=timezone.now())
    expected = [2, 1, 1] if who == "user" else [0, 0, 0]
    assert [visit(device, room).data["otherDevices"] for device in devices] == expected


@pytest.mark.parametrize("role", [ParticipantType.USER, ParticipantType.USER_SELF_JOINED])
def test_close_others(room, role):
    """The other sessions of the account go, in the call or not; the own one and others stay."""
    user = AttendeeFactory(conversation=room, participant_type=role).user
    first, second, here = (browser(user) for _ in range(3))
    headers = {WINDOW_HEADER: WINDOW}
    path = f"room/{room.token}/participants/active"
    OCSClient(version="v4", browser=first.browser).request("post", path, headers=headers)
    gone = [Session.objects.latest("pk"), enter(second, room)]
    calls.join(session=gone[0], flags=7, now=timezone.now())
    own = enter(here, room)
    others = set(Session.objects.exclude(attendee__user=user))
    answer = here.delete(f"visit/{room.token}/others")
    assert answer.whole == ok(answer)
    assert set(Session.objects.all()) == {own, *others}
    leg = room.calls.get().legs.get(session_key=gone[0].key)
    assert leg.reason == "replaced"
    poll = OCSClient(version="v3", browser=first.browser).request(
        "get", f"signaling/{room.token}", headers=headers
    )
    assert (poll.http, poll.data) == (404, {"reason": "replaced"})


@pytest.mark.parametrize(
    ("role", "stays"), [(ParticipantType.USER, True), (ParticipantType.USER_SELF_JOINED, False)]
)
def test_close_others_before_coming_in(room, role, stays):
    """Without a session here all go; who is a member only while online is none any more."""
    attendee = AttendeeFactory(conversation=room, participant_type=role)
    SessionFactory(attendee=attendee)
    device = browser(attendee.user)
    answer = device.delete(f"visit/{room.token}/others")
    assert answer.whole == ok(answer)
    assert not Session.objects.filter(attendee__user=attendee.user).exists()
    assert Attendee.objects.filter(pk=attendee.pk).exists() == stays


def test_guests_have_no_other_devices(room):
    """A guest is one device."""
    device = browser()
    enter(device, room)
    answer = device.delete(f"visit/{room.token}/others")
    expected = refused(answer, 401, "Current user is not logged in", code=997)
    assert answer.whole == expected


# --- staying logged in --------------------------------------------------------------------------


@pytest.mark.parametrize("in_call", [True, False])
def test_external_signaling_has_no_polls_that_keep_the_login(room, settings, in_call):
    """There this keeps it, once a minute, for a browser that is in the call."""
    server = {"URL": "https://hpb.example", "SECRET": "s" * 32}
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "external", "SERVERS": [server]}}
    device = browser(UserFactory())
    session = enter(device, room)
    if in_call:
        Session.objects.filter(pk=session.pk).update(in_call=7)
    answers = [visit(device, room) for _ in range(3)]
    kept = ["sessionid" in answer.response.cookies for answer in answers]
    assert kept == [in_call, False, False]


def test_login_is_kept_while_the_cache_is_away(room, settings, monkeypatch):
    """Nobody sees an error of the cache; the login is prolonged each time then."""
    server = {"URL": "https://hpb.example", "SECRET": "s" * 32}
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "external", "SERVERS": [server]}}
    device = browser(UserFactory())
    session = enter(device, room)
    Session.objects.filter(pk=session.pk).update(in_call=7)
    monkeypatch.setattr(keeping, "cache", None)
    answers = [visit(device, room) for _ in range(2)]
    assert [answer.http for answer in answers] == [200, 200]
    assert all("sessionid" in answer.response.cookies for answer in answers)


def test_internal_signaling_has(room):
    """There polls keep it, and nothing else does."""
    device = browser(UserFactory())
    calls.join(session=enter(device, room), flags=7, now=timezone.now())
    assert "sessionid" not in visit(device, room).response.cookies


def test_session_end(room):
    """A window whose session is gone is told why, as long as it has no other; nobody else is."""
    device = browser()
    entering = OCSClient(version="v4", browser=device.browser)

    def enter_named() -> str:
        path = f"room/{room.token}/participants/active"
        answer = entering.request("post", path, headers={WINDOW_HEADER: WINDOW})
        return answer.data["sessionId"]

    def told(device: OCSClient, **headers: str):
        return device.request("get", f"visit/{room.token}", headers=headers).data["sessionEnd"]

    session = Session.objects.get(session_id=enter_named())
    participants.remove(attendee=session.attendee, now=timezone.now())
    assert told(device, **{WINDOW_HEADER: WINDOW}) == "removed"
    assert told(device) is None
    assert told(device, **{WINDOW_HEADER: OTHER_WINDOW}) is None
    enter_named()
    assert told(device, **{WINDOW_HEADER: WINDOW}) is None
