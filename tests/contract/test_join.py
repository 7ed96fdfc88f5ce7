"""Joining a call (behaviour 4.3)."""

import json

import pytest

from talk_calls.constants import ConversationType
from talk_calls.models import Call, CallLeg, Conversation, Session
from tests.contract.conftest import EACH_VERSION, NOW
from tests.contract.expected import ok, refused
from tests.people import PARTICIPANTS

pytestmark = pytest.mark.django_db


def seconds(moment):
    return int(moment.timestamp())


def call_of(person):
    """Return how the conversation shows its call: running or not, and the flags of its people."""
    room = person.room("get").data
    return bool(room["hasCall"]), int(room.get("callFlag", -1))


# --- the parameter ----------------------------------------------------------------------------


@pytest.mark.contract("4.3/flags-absent", "12/6", "12/7")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_join_without_flags_is_a_join_with_7(arrive, who):
    """Without flags a join is with audio and video; by default everybody may start a call."""
    person = arrive(who)
    answer = person.call("post")
    assert answer.whole == ok(answer, [])
    assert person.flags == 7


@pytest.mark.contract("4.3/flags-absent", "12/7")
@EACH_VERSION
@pytest.mark.parametrize("body", ['{"flags": null}', "{}", "null", ""])
def test_join_with_null_is_a_join_with_7(arrive, body):
    """An explicit null and an empty body count as absent."""
    member = arrive("member")
    answer = member.call("post", json=body)
    assert answer.whole == ok(answer, [])
    assert member.flags == 7


@pytest.mark.contract("4.3/flags-without-bit-1", "4.3/5", "12/7")
def test_join_stores_the_flags_as_given(arrive):
    """Every combination is stored as it is, also those without the in-call bit."""
    member = arrive("member")
    for flags in range(1, 16):
        answer = member.call("post", {"flags": flags})
        assert answer.whole == ok(answer, [])
        assert member.flags == flags


@pytest.mark.contract("4.3/flags-without-bit-1")
@pytest.mark.parametrize(("flags", "in_call"), [(2, False), (3, True), (6, False), (7, True)])
def test_room_of_v1_asks_for_the_in_call_bit(conversation, clock, flags, in_call):
    """v1's ``participantInCall`` needs bit 1, although any other flag counts as in call too."""
    from tests.people import arrive

    member = arrive("member", conversation, version="v1")
    member.call("post", {"flags": flags})
    room = member.room("get").data
    assert (room["participantFlags"], room["participantInCall"]) == (flags, in_call)


@pytest.mark.contract("4.3/flags-type", "12/7")
@EACH_VERSION
@pytest.mark.parametrize("body", ['{"flags": 3}', '{"flags": "3"}'])
def test_join_takes_numbers_and_numeric_text(arrive, body):
    """Numbers may come as text in JSON too, as they do in forms."""
    member = arrive("member")
    answer = member.call("post", json=body)
    assert answer.whole == ok(answer, [])
    assert member.flags == 3


@pytest.mark.contract("4.3/flags-type")
def test_join_takes_flags_from_the_query(arrive):
    """Parameters of the query count as well."""
    member = arrive("member")
    path = f"call/{member.conversation.token}?flags=3"
    url = f"/ocs/v2.php/apps/spreed/api/{member.device.version}/{path}"
    response = member.device.browser.post(url, headers=member.device._headers(None))
    assert (response.status_code, member.flags) == (200, 3)


@pytest.mark.contract("4.3/flags-0", "12/7")
@EACH_VERSION
@pytest.mark.parametrize("body", ['{"flags": 0}', '{"flags": "0"}'])
def test_join_with_0_leaves(arrive, body):
    """No flags at all means not to be in the call."""
    member = arrive("member")
    member.call("post")
    answer = member.call("post", json=body)
    assert answer.whole == ok(answer, [])
    assert member.flags == 0
    assert call_of(member)[0] is False


@pytest.mark.contract("4.3/flags-0")
@EACH_VERSION
def test_join_with_0_from_outside_the_call(arrive):
    """A join with 0 by a session that is not in the call starts none."""
    member = arrive("member")
    answer = member.call("post", {"flags": 0})
    assert answer.whole == ok(answer, [])
    assert (member.flags, Call.objects.count()) == (0, 0)


GARBAGE = ["abc", "", 7.9, "7.9", [7], [], {"flags": 7}, -1, 16, 2**64, "16"]


@pytest.mark.contract("4.3/flags-garbage")
def test_join_refuses_garbage(arrive, clock):
    """What is no bit field of 0 to 15 is refused with a message, and changes nothing."""
    member = arrive("member")
    member.call("post", {"flags": 3})
    before = [list(rows.objects.values()) for rows in (Session, Call, CallLeg, Conversation)]
    clock.shift(5)
    for flags in GARBAGE:
        answer = member.call("post", json=json.dumps({"flags": flags}))
        message = answer.ocs["meta"]["message"]
        assert answer.whole == refused(answer, 400, message), flags
        assert message.startswith("flags: "), flags
    after = [list(rows.objects.values()) for rows in (Session, Call, CallLeg, Conversation)]
    assert after == before


@pytest.mark.contract("4.3/flags-garbage")
def test_join_refuses_garbage_in_a_form(arrive):
    """A form is read as strictly as JSON."""
    member = arrive("member")
    for flags in ("abc", "7.9", "-1", "16", "0x7", "7;"):
        answer = member.call("post", {"flags": flags})
        message = answer.ocs["meta"]["message"]
        assert answer.whole == refused(answer, 400, message), flags
        assert message.startswith("flags: "), flags
    assert (member.flags, Call.objects.count()) == (0, 0)


@pytest.mark.contract("4.3/flags-garbage")
@EACH_VERSION
@pytest.mark.parametrize("body", ['{"flags": 7', "flags=7", "[7]", "7", '"7"', "{'flags': 7}"])
def test_join_refuses_malformed_json(arrive, body):
    """A body declared as JSON has to be a JSON object."""
    member = arrive("member")
    answer = member.call("post", json=body)
    message = answer.ocs["meta"]["message"]
    assert answer.whole == refused(answer, 400, message)
    assert message
    assert (member.flags, Call.objects.count()) == (0, 0)


@pytest.mark.contract("4.3/flags-type")
def test_join_ignores_unknown_parameters(arrive):
    """Unknown parameters are ignored, and the path's token wins over any other."""
    member = arrive("member")
    answer = member.call("post", {"flags": 3, "silent": 1, "token": "nosuchtoken"})
    assert answer.whole == ok(answer, [])
    assert member.flags == 3


# --- the steps --------------------------------------------------------------------------------


@pytest.mark.contract("4.3/4")
@EACH_VERSION
@pytest.mark.parametrize("running", [False, True], ids=["started", "joined"])
def test_join_counts_as_activity(arrive, clock, running):
    """Starting a call, and joining one, are activity of the conversation."""
    if running:
        arrive("moderator").call("post")
    member = arrive("member")
    clock.shift(5)
    member.call("post")
    assert int(member.room("get").data["lastActivity"]) == seconds(NOW) + 5


@pytest.mark.contract("4.3/5")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_join_shows_in_the_callers_room(arrive, who):
    """The caller's own flags are in their conversation from now on."""
    person = arrive(who)
    person.call("post", {"flags": 3})
    room = person.room("get").data
    assert (int(room["participantFlags"]), bool(room["hasCall"])) == (3, True)


@pytest.mark.contract("4.3/5")
@EACH_VERSION
def test_join_notes_when(arrive, clock):
    """When somebody joined the call is kept: a leg begins."""
    member = arrive("member", username="alice")
    clock.shift(5)
    member.call("post", {"flags": 3})
    [leg] = CallLeg.objects.values_list("actor_type", "actor_id", "joined_at", "left_at", "flags")
    assert (*leg[:2], seconds(leg[2]), *leg[3:]) == ("users", "alice", seconds(NOW) + 5, None, 3)


@pytest.mark.contract("4.3/6")
@EACH_VERSION
def test_first_join_starts_the_call(arrive, clock):
    """The call begins with the first join, and the second does not begin another."""
    arrive("moderator").call("post")
    clock.shift(5)
    arrive("member").call("post")
    assert [seconds(call.started_at) for call in Call.objects.all()] == [seconds(NOW)]


@pytest.mark.contract("4.3/6")
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_call_flag_is_what_anybody_joined_with(arrive, version):
    """The conversation's ``callFlag`` is the bitwise or of what everybody joined with."""
    first, second = arrive("moderator"), arrive("member")
    first.call("post", {"flags": 1})
    assert call_of(first) == (True, 1)
    second.call("post", {"flags": 6})
    assert call_of(first) == (True, 7)


@pytest.mark.contract("4.3/6")
@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("who", ["guest", "guest moderator"])
@pytest.mark.parametrize(
    ("kind", "flags"), [(ConversationType.PUBLIC, 7), (ConversationType.GROUP, 1)]
)
def test_guest_adds_to_the_call_flag_in_public_only(arrive, version, who, kind, flags):
    """What a guest joins with adds to the call's flags only while the conversation is public."""
    member, guest = arrive("member"), arrive(who)
    Conversation.objects.update(type=kind)
    member.call("post", {"flags": 1})
    answer = guest.call("post", {"flags": 7})
    assert answer.whole == ok(answer, [])
    assert guest.flags == 7
    assert call_of(member) == (True, flags)


# --- again ------------------------------------------------------------------------------------


@pytest.mark.contract("4.3/already-in")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_join_again_replaces_the_flags(arrive, who):
    """Another join of a session in the call replaces its flags."""
    person = arrive(who)
    person.call("post", {"flags": 7})
    answer = person.call("post", {"flags": 1})
    assert answer.whole == ok(answer, [])
    assert person.flags == 1
    assert Call.objects.count() == 1


@pytest.mark.contract("4.3/already-in")
@EACH_VERSION
def test_join_again_is_activity(arrive, clock):
    """It counts as another join."""
    member = arrive("member")
    member.call("post")
    clock.shift(5)
    member.call("post")
    assert int(member.room("get").data["lastActivity"]) == seconds(NOW) + 5


@pytest.mark.contract("4.3/no-ping", "12/12")
@EACH_VERSION
@pytest.mark.parametrize("age", [0, 1, 29, 30])
def test_join_is_no_ping(arrive, clock, age):
    """Joining, changing flags and leaving do not refresh a ping that still counts."""
    member = arrive("member")
    clock.shift(age)
    for method, data in [("post", None), ("post", {"flags": 1}), ("delete", None)]:
        member.call(method, data)
        assert int(member.room("get").data["lastPing"]) == seconds(NOW)


@pytest.mark.contract("4.3/no-ping", "12/12")
@EACH_VERSION
@pytest.mark.parametrize("age", [31, 99])
def test_join_of_a_silent_session_is_a_ping(arrive, clock, age):
    """A session that no longer counted pings by joining, so that its caller is listed."""
    member = arrive("member")
    clock.shift(age)
    answer = member.call("post")
    assert answer.whole == ok(answer, [])
    [listed] = member.call("get").data
    assert int(listed["lastPing"]) == seconds(NOW) + age
