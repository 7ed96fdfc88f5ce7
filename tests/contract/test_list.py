"""The list of connected participants (behaviour 4.2)."""

from datetime import timedelta

import pytest

from talk_calls.models import Attendee, Session
from tests.contract.conftest import EACH_VERSION, NOW
from tests.contract.expected import in_form, ok
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.people import PARTICIPANTS

pytestmark = pytest.mark.django_db

#: The names of an item's fields in each version (behaviour 4.2).
V1 = {"userId", "token", "lastPing", "sessionId"}
V3 = {"actorType", "actorId", "displayName", "token", "lastPing", "sessionId"}
FIELDS = {"v1": V1, "v2": V1, "v3": V3}


def item(version, session, *, name="", display_name="", actor_type="users"):
    """Return the item that a session has to be."""
    whole = {
        "userId": name if actor_type == "users" else "",
        "actorType": actor_type,
        "actorId": name,
        "displayName": display_name,
        "token": session.conversation.token,
        "lastPing": int(session.last_ping.timestamp()),
        "sessionId": session.session_id,
    }
    return {field: value for field, value in whole.items() if field in FIELDS[version]}


def user_in_call(conversation, username, **kwargs):
    attendee = AttendeeFactory(conversation=conversation, user=UserFactory(username=username))
    return SessionFactory(attendee=attendee, in_call=7, **kwargs)


@pytest.mark.contract("4.2/empty")
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_list_of_a_silent_conversation_is_empty(arrive, who):
    """Where nobody is in the call the list is empty, and an empty list is ``[]``."""
    answer = arrive(who).call("get")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.2/who-asks")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_list_is_for_every_participant(arrive, conversation, version, who):
    """The caller need not be in the call to see the list."""
    session = user_in_call(conversation, "alice")
    answer = arrive(who).call("get")
    assert answer.whole == ok(answer, [item(version, session, name="alice", display_name="alice")])


@pytest.mark.contract("4.2/who-asks")
def test_list_is_for_members_who_are_not_online(arrive, conversation, version):
    """Membership is enough: the caller needs no session."""
    session = user_in_call(conversation, "alice")
    answer = arrive("member", online=False).call("get")
    assert answer.whole == ok(answer, [item(version, session, name="alice", display_name="alice")])


@pytest.mark.contract("4.2/included", "12/12")
@EACH_VERSION
@pytest.mark.parametrize("flags", [1, 2, 4, 8, 15])
def test_list_holds_every_session_with_a_flag(arrive, version, flags):
    """Any flag counts as in call, also without the in-call bit."""
    member = arrive("member", username="alice")
    member.call("post", {"flags": flags})
    answer = member.call("get")
    expected = item(version, member.session, name="alice", display_name="alice")
    assert answer.whole == ok(answer, [expected])


@pytest.mark.contract("4.2/included", "12/12")
def test_list_leaves_out_sessions_that_are_only_online(arrive):
    """Being online in the conversation is not being in its call."""
    arrive("moderator")
    answer = arrive("member").call("get")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.2/included", "12/12")
@EACH_VERSION
@pytest.mark.parametrize(
    ("age", "listed"),
    [
        (timedelta(seconds=29), True),
        (timedelta(seconds=30), True),
        (timedelta(seconds=30, microseconds=1), False),
        (timedelta(seconds=31), False),
        (timedelta(days=1), False),
    ],
    ids=str,
)
def test_list_holds_sessions_that_pinged_within_30_seconds(
    arrive, conversation, version, age, listed
):
    """A session counts until its last ping is 30 seconds old, that second included."""
    session = user_in_call(conversation, "alice", last_ping=NOW - age)
    answer = arrive("member").call("get")
    expected = [item(version, session, name="alice", display_name="alice")] if listed else []
    assert answer.whole == ok(answer, expected)


@pytest.mark.contract("4.2/included")
def test_list_follows_the_session_timeout(arrive, conversation, version, settings):
    """A site may let sessions count longer."""
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 60}
    session = user_in_call(conversation, "alice", last_ping=NOW - timedelta(seconds=60))
    user_in_call(conversation, "bob", last_ping=NOW - timedelta(seconds=61))
    answer = arrive("member").call("get")
    assert answer.whole == ok(answer, [item(version, session, name="alice", display_name="alice")])


@pytest.mark.contract("4.2/included")
def test_list_is_of_one_conversation(arrive):
    """Sessions in the call of another conversation are not listed."""
    user_in_call(ConversationFactory(), "alice")
    answer = arrive("member").call("get")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.2/included")
def test_list_holds_one_item_per_session(arrive, conversation, version):
    """Somebody who is in with two devices is listed twice."""
    session = user_in_call(conversation, "alice", session_id="a" * 512)
    other = SessionFactory(attendee=session.attendee, in_call=3, session_id="b" * 512)
    answer = arrive("member").call("get")
    alice = {"name": "alice", "display_name": "alice"}
    expected = [item(version, session, **alice), item(version, other, **alice)]
    assert answer.whole == ok(answer, expected)


@pytest.mark.contract("4.2/included", "4.2/actorType", "4.2/actorId")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_list_holds_everybody_who_joined(arrive, version, who):
    """Users and guests of every role are listed, with their own ids."""
    person = arrive(who)
    person.call("post")
    answer = arrive("member").call("get")
    attendee = person.attendee
    expected = item(
        version,
        person.session,
        name=attendee.user.username if attendee.user else attendee.actor_id,
        display_name=attendee.display_name,
        actor_type=attendee.actor_type,
    )
    assert answer.whole == ok(answer, [expected])


@pytest.mark.contract("4.2/userId", "4.2/actorId", "4.2/displayName", "12/10", "12/14")
def test_list_item_of_an_unnamed_guest(arrive, conversation, version):
    """A guest has no user id, a random actor id, and perhaps no name."""
    guest = GuestFactory(conversation=conversation, actor_id="c0ffee")
    session = SessionFactory(attendee=guest, in_call=7)
    answer = arrive("member").call("get")
    expected = item(version, session, name="c0ffee", actor_type="guests")
    assert answer.whole == ok(answer, [expected])


@pytest.mark.contract("4.2/userId", "4.2/actorType", "4.2/actorId", "12/10")
def test_list_item_of_an_email_attendee(arrive, conversation, version):
    """An e-mail attendee has no user id, and the address as actor id."""
    invited = GuestFactory(
        conversation=conversation,
        actor_type="emails",
        actor_id="dora@example.org",
        display_name="Dora",
    )
    session = SessionFactory(attendee=invited, in_call=7)
    answer = arrive("member").call("get")
    expected = item(
        version, session, name="dora@example.org", display_name="Dora", actor_type="emails"
    )
    assert answer.whole == ok(answer, [expected])


@pytest.mark.contract("4.2/displayName")
@EACH_VERSION
@pytest.mark.parametrize(
    ("stored", "shown"),
    [("Alice A.", "Alice A."), ("", "alice"), ("<b>&\"'é😀</b>", "<b>&\"'é😀</b>")],
)
def test_list_shows_the_stored_name(arrive, conversation, version, stored, shown):
    """The stored display name is shown, and the user id of a user who has none."""
    session = user_in_call(conversation, "alice")
    Attendee.objects.update(display_name=stored)
    answer = arrive("member").call("get")
    assert answer.whole == ok(answer, [item(version, session, name="alice", display_name=shown)])


@pytest.mark.contract("4.2/lastPing")
def test_list_shows_pings_in_whole_seconds(arrive, conversation, version):
    """``lastPing`` is Unix time without a fraction, rounded down."""
    ping = NOW - timedelta(microseconds=1)
    session = user_in_call(conversation, "alice", last_ping=ping)
    answer = arrive("member").call("get")
    expected = item(version, session, name="alice", display_name="alice")
    expected["lastPing"] = int(NOW.timestamp()) - 1
    assert answer.whole == ok(answer, [expected])


@pytest.mark.contract("4.2/sessionId", "12/4")
@EACH_VERSION
@pytest.mark.parametrize("who", ["member", "guest"])
def test_session_id_has_512_characters(arrive, who):
    """A generated session id is 512 letters, digits, + and /."""
    person = arrive(who)
    joined = person.room("post", "/participants/active")
    person.call("post")
    [listed] = person.call("get").data
    assert listed["sessionId"] == joined.data["sessionId"]
    assert len(listed["sessionId"]) == 512
    assert listed["sessionId"].replace("+", "a").replace("/", "a").isalnum()
    assert listed["sessionId"].isascii()


@pytest.mark.contract("4.2/token", "12/5")
def test_list_items_have_these_fields_and_no_others(arrive, version, wire):
    """``token`` is sent in every version; ``inCall`` is not part of an item."""
    member = arrive("member")
    member.call("post")
    [listed] = member.call("get").data
    assert set(listed) == FIELDS[version]
    assert listed["token"] == in_form(wire, member.conversation.token)


@pytest.mark.contract("4.2/order", "12/11")
def test_list_begins_with_the_newest_ping(arrive, conversation, version):
    """The newest ping comes first; of equal ones, the smaller session id."""
    pings = [("d", 0), ("b", 5), ("c", 5), ("a", 30), ("e", 1)]
    for letter, age in pings:
        user_in_call(
            conversation,
            letter,
            session_id=letter * 512,
            last_ping=NOW - timedelta(seconds=age),
        )
    answer = arrive("member").call("get")
    sessions = {session.session_id[0]: session for session in Session.objects.exclude(in_call=0)}
    expected = [
        item(version, sessions[letter], name=letter, display_name=letter) for letter in "debca"
    ]
    assert answer.whole == ok(answer, expected)


@pytest.mark.contract("4.2/included")
def test_list_changes_nothing(arrive, conversation, clock):
    """Reading the list is no ping, and stores no timeouts."""
    user_in_call(conversation, "alice", last_ping=NOW - timedelta(seconds=31))
    member = arrive("member")
    before = list(Session.objects.order_by("pk").values())
    clock.shift(20)
    member.call("get")
    assert list(Session.objects.order_by("pk").values()) == before
