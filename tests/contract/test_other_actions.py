"""What other actions do to a running call (behaviour 4.6)."""

import pytest

from talk_calls.constants import ConversationType, ParticipantType
from talk_calls.models import Attendee, Call, CallLeg, Session
from talk_calls.services import conversations, participants
from tests.contract.conftest import EACH_VERSION, NOW
from tests.contract.expected import ok, refused
from tests.factories import ConversationFactory
from tests.people import MODERATORS, OTHERS, PARTICIPANTS
from tests.people import arrive as arrive_at

pytestmark = pytest.mark.django_db


def in_call(*people):
    """Return the stored flags of everybody."""
    return [person.flags for person in people]


def has_call(person):
    return bool(person.room("get").data["hasCall"])


@pytest.fixture
def everybody(arrive):
    """Return one of each role, all of them in the call."""
    people = {who: arrive(who) for who in PARTICIPANTS}
    for person in people.values():
        person.call("post")
    return people


def reasons():
    return set(CallLeg.objects.values_list("reason", flat=True))


# --- lock -------------------------------------------------------------------------------------


@pytest.mark.contract("4.6/read-only", "12/2")
@EACH_VERSION
def test_locking_ends_the_call_for_everybody(everybody):
    """Since nobody could leave the call of a locked conversation, locking it ends the call."""
    answer = everybody["owner"].room("put", "/read-only", {"state": 1})
    assert answer.whole == ok(answer, [])
    assert in_call(*everybody.values()) == [0] * 6
    assert has_call(everybody["guest"]) is False
    assert reasons() == {"read_only"}
    answer = everybody["owner"].call("post")
    assert answer.whole == refused(answer, 403)


@pytest.mark.contract("4.6/read-only")
@EACH_VERSION
def test_unlocking_opens_the_call_again(arrive):
    """An unlocked conversation has calls as before, and nobody is put back into one."""
    owner = arrive("owner")
    owner.call("post")
    owner.room("put", "/read-only", {"state": 1})
    answer = owner.room("put", "/read-only", {"state": 0})
    assert answer.whole == ok(answer, [])
    listed = owner.call("get")
    assert listed.whole == ok(listed, [])
    joined = owner.call("post")
    assert joined.whole == ok(joined, [])


@pytest.mark.contract("4.6/read-only")
@EACH_VERSION
def test_unlocking_an_unlocked_conversation_keeps_its_call(arrive):
    """Setting what is set already changes nothing."""
    owner = arrive("owner")
    owner.call("post")
    answer = owner.room("put", "/read-only", {"state": 0})
    assert answer.whole == ok(answer, [])
    assert in_call(owner) == [7]


# --- lobby ------------------------------------------------------------------------------------


@pytest.mark.contract("4.6/lobby")
@EACH_VERSION
def test_lobby_takes_out_everybody_who_has_to_wait(everybody):
    """Everybody but moderators leaves the call and stays in the conversation."""
    answer = everybody["moderator"].room("put", "/webinar/lobby", {"state": 1})
    assert answer.http == 200
    assert {who: person.flags for who, person in everybody.items()} == {
        **dict.fromkeys(MODERATORS, 7),
        **dict.fromkeys(OTHERS, 0),
    }
    assert Session.objects.count() == 6
    assert reasons() == {"", "lobby"}
    assert has_call(everybody["owner"]) is True


@pytest.mark.contract("4.6/lobby")
@EACH_VERSION
def test_lobby_ends_the_call_if_nobody_is_left(arrive):
    """A call of nobody but people who have to wait is over."""
    owner, member, guest = arrive("owner"), arrive("member"), arrive("guest")
    member.call("post")
    guest.call("post")
    answer = owner.room("put", "/webinar/lobby", {"state": 1})
    assert answer.http == 200
    assert has_call(owner) is False
    assert Call.objects.get().end_reason == "lobby"


@pytest.mark.contract("4.6/lobby-off")
@EACH_VERSION
@pytest.mark.parametrize("how", ["timer", "switch"])
def test_end_of_the_lobby_does_nothing_to_the_call(arrive, clock, how):
    """Those who had to leave stay out until they join again; moderators stay in."""
    owner, member = arrive("owner"), arrive("member")
    owner.call("post")
    member.call("post")
    owner.room("put", "/webinar/lobby", {"state": 1, "timer": int(NOW.timestamp()) + 20})
    if how == "timer":
        clock.shift(20)
    else:
        owner.room("put", "/webinar/lobby", {"state": 0})
    answer = member.call("get")
    assert [each["sessionId"] for each in answer.data] == [owner.session.session_id]
    assert in_call(owner, member) == [7, 0]
    joined = member.call("post")
    assert joined.whole == ok(joined, [])


@pytest.mark.contract("4.6/lobby")
@EACH_VERSION
def test_lobby_whose_timer_has_elapsed_takes_nobody_out(arrive):
    """A lobby that is raised with an elapsed timer has no effect."""
    owner, member = arrive("owner"), arrive("member")
    member.call("post")
    owner.room("put", "/webinar/lobby", {"state": 1, "timer": int(NOW.timestamp()) - 1})
    assert in_call(member) == [7]


# --- leaving and joining the conversation -----------------------------------------------------


@pytest.mark.contract("4.6/leave-conversation")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_leaving_the_conversation_leaves_the_call(arrive, who):
    """Leaving the conversation leaves the call first, and deletes the session."""
    person, watcher = arrive(who), arrive("moderator")
    person.call("post")
    answer = person.room("delete", "/participants/active")
    assert answer.whole == ok(answer, [])
    assert not Session.objects.filter(pk=person.session.pk).exists()
    assert has_call(watcher) is False
    assert reasons() == {"room_left"}


@pytest.mark.contract("4.6/leave-conversation", "12/2")
@EACH_VERSION
@pytest.mark.parametrize("obstacle", ["read_only", "lobby_state"])
@pytest.mark.parametrize("who", ["member", "guest"])
def test_leaving_the_conversation_always_works(arrive, conversation, who, obstacle):
    """The way out is open in a locked conversation and in the lobby."""
    person = arrive(who)
    person.call("post")
    type(conversation).objects.update(**{obstacle: 1})
    answer = person.room("delete", "/participants/active")
    assert answer.whole == ok(answer, [])
    assert not Session.objects.filter(pk=person.session.pk).exists()


@pytest.mark.contract("4.6/leave-conversation", "12/2")
@EACH_VERSION
@pytest.mark.parametrize("who", ["member", "guest", "stranger", "nobody"])
def test_leaving_where_there_is_nothing_to_leave(arrive, who):
    """Even an unknown token answers 200, and so does leaving twice."""
    person = arrive(who)
    for token in ("nosuchtoken", person.conversation.token, person.conversation.token):
        answer = person.device.delete(f"room/{token}/participants/active")
        assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.6/join-conversation")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_joining_the_conversation_again_leaves_the_call(arrive, who):
    """The earlier session leaves the call and is replaced by one that is not in it."""
    person, watcher = arrive(who), arrive("moderator")
    person.call("post")
    answer = person.room("post", "/participants/active")
    assert answer.http == 200
    replacement = Session.objects.get(session_id=answer.data["sessionId"])
    assert replacement.in_call == 0
    assert not Session.objects.filter(pk=person.session.pk).exists()
    assert has_call(watcher) is False
    assert reasons() == {"replaced"}


@pytest.mark.contract("4.6/join-conversation")
@EACH_VERSION
@pytest.mark.parametrize("who", ["owner", "member"])
def test_joining_from_another_device_takes_over(arrive, device, version, wire, who):
    """Joining the conversation with another device removes the first from call and conversation."""
    browser = arrive(who, online=False)
    browser.room("post", "/participants/active")
    browser.call("post")
    other = device(browser.attendee.user, version=version, wire=wire)
    other.post(f"room/{browser.conversation.token}/participants/active")
    answer = other.get(f"call/{browser.conversation.token}")
    assert answer.whole == ok(answer, [])
    for method in ("get", "post", "delete"):
        lost = browser.call(method)
        assert lost.whole == refused(lost, 404)


# --- people going, and coming into power ------------------------------------------------------


@pytest.mark.contract("4.6/removed")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_removing_somebody_takes_them_out_of_the_call(arrive, who):
    """A removed attendee is out of the call and gets 404 from the conversation."""
    person, watcher = arrive(who), arrive("moderator")
    person.call("post")
    participants.remove(attendee=person.attendee, now=NOW)
    listed = watcher.call("get")
    assert listed.whole == ok(listed, [])
    assert has_call(watcher) is False
    assert reasons() == {"removed"}
    answer = person.call("get")
    assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.6/promote")
@EACH_VERSION
@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("member", ParticipantType.MODERATOR),
        ("moderator", ParticipantType.USER),
        ("guest", ParticipantType.GUEST_MODERATOR),
        ("guest moderator", ParticipantType.GUEST),
    ],
)
def test_another_role_keeps_people_in_the_call(arrive, who, role):
    """Promotion and demotion keep a session in the call with its flags."""
    person = arrive(who)
    person.call("post", {"flags": 3})
    Attendee.objects.filter(pk=person.attendee.pk).update(participant_type=role)
    listed = [each["sessionId"] for each in person.call("get").data]
    assert (listed, person.flags) == ([person.session.session_id], 3)


@pytest.mark.contract("4.6/password")
@EACH_VERSION
def test_password_does_not_concern_those_inside(arrive):
    """A new password asks nobody who is in already."""
    owner, guest = arrive("owner"), arrive("guest")
    guest.call("post")
    answer = owner.room("put", "/password", {"password": "secret"})
    assert answer.whole == ok(answer, [])
    assert in_call(guest) == [7]
    left = guest.call("delete")
    assert left.whole == ok(left, [])


@pytest.mark.contract("4.6/deleted")
@EACH_VERSION
@pytest.mark.parametrize("who", ["owner", "guest"])
def test_deleting_the_conversation_ends_its_call(arrive, who):
    """A deleted conversation is not found, and its call has ended."""
    person = arrive(who)
    person.call("post")
    conversations.delete(conversation=person.conversation, now=NOW)
    for method in ("get", "post", "delete"):
        answer = person.call(method)
        assert answer.whole == refused(answer, 404)
    assert [(call.ended_at, call.end_reason) for call in Call.objects.all()] == [
        (NOW, "conversation_deleted")
    ]


@pytest.mark.contract("4.6/account-deleted")
@EACH_VERSION
def test_deleting_an_account_takes_it_out_of_the_call(arrive):
    """Whose account is deleted is out of the call and out of the conversation."""
    owner, member = arrive("owner"), arrive("member")
    owner.call("post")
    member.call("post")
    member.attendee.user.delete()
    assert [each["sessionId"] for each in owner.call("get").data] == [owner.session.session_id]
    assert list(Attendee.objects.all()) == [owner.attendee]


@pytest.mark.contract("4.6/account-deleted")
@EACH_VERSION
def test_conversation_of_a_deleted_account_alone_is_deleted(arrive):
    """Conversations where the account was the only user go with it."""
    alone, together = arrive("owner"), ConversationFactory(type=ConversationType.GROUP)
    Attendee.objects.create(conversation=together, user=alone.attendee.user)
    arrive("member", together)
    alone.attendee.user.delete()
    assert list(type(together).objects.all()) == [together]


@pytest.mark.contract("4.6/logout")
@EACH_VERSION
def test_logging_out_leaves_call_and_conversation(conversation, version, wire):
    """Logging out leaves the call and the conversation of this browser."""
    watcher = arrive_at("moderator", conversation, version=version, wire=wire)
    member = arrive_at("member", conversation, version=version, wire=wire, online=False)
    member.device.username = None
    member.device.browser.force_login(member.attendee.user)
    member.room("post", "/participants/active")
    member.call("post")
    assert has_call(watcher) is True
    member.device.browser.logout()
    answer = watcher.call("get")
    assert answer.whole == ok(answer, [])
    assert not Session.objects.filter(attendee=member.attendee).exists()


@pytest.mark.contract("4.6/dies")
@EACH_VERSION
@pytest.mark.parametrize(
    ("seconds", "listed", "online"),
    [(30, True, True), (31, False, True), (99, False, True), (100, False, False)],
)
def test_session_that_dies_drops_out(arrive, clock, seconds, listed, online):
    """A browser that crashed is out of the call after 30 seconds, and offline after 100."""
    member = arrive("member")
    member.call("post", {"flags": 3})
    clock.shift(seconds)
    watcher = arrive("moderator")
    assert len(watcher.call("get").data or []) == int(listed)
    assert has_call(watcher) is listed
    if watcher.device.version != "v1":
        assert int(watcher.room("get").data["callFlag"]) == (3 if listed else 0)
    members = watcher.room("get", "/participants").data
    [shown] = [each for each in members if each["displayName"] == member.attendee.display_name]
    session_id = member.session.session_id if online else "0"
    assert (int(shown["inCall"]), shown["sessionId"]) == (3 if listed else 0, session_id)
