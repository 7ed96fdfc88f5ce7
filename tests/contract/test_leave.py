"""Leaving a call and staying in the conversation (behaviour 4.4)."""

import pytest

from talk_calls.models import Attendee, Call, Session
from tests.contract.conftest import EACH_VERSION, NOW
from tests.contract.expected import ok
from tests.people import PARTICIPANTS

pytestmark = pytest.mark.django_db


@pytest.mark.contract("4.4/1")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_leave_keeps_session_and_membership(arrive, who):
    """After leaving the call a participant is in the conversation as before."""
    person = arrive(who)
    person.call("post")
    answer = person.call("delete")
    assert answer.whole == ok(answer, [])
    assert person.flags == 0
    assert Attendee.objects.filter(pk=person.attendee.pk).exists()
    listed = person.call("get")
    assert listed.whole == ok(listed, [])
    room = person.room("get").data
    assert room["sessionId"] == person.session.session_id
    assert (int(room["participantFlags"]), bool(room["hasCall"])) == (0, False)


@pytest.mark.contract("4.4/1")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_leave_without_being_in_the_call(arrive, who):
    """Leaving a call that one is not in is no error, and starts or ends none."""
    person = arrive(who)
    answer = person.call("delete")
    assert answer.whole == ok(answer, [])
    assert (person.flags, Call.objects.count()) == (0, 0)


@pytest.mark.contract("4.4/1")
@EACH_VERSION
def test_leave_twice(arrive, clock):
    """Leaving again is no error either, and does not move the end of the call."""
    member = arrive("member")
    member.call("post")
    clock.shift(5)
    member.call("delete")
    clock.shift(5)
    answer = member.call("delete")
    assert answer.whole == ok(answer, [])
    assert (Call.objects.get().ended_at - NOW).total_seconds() == 5


@pytest.mark.contract("4.4/1")
def test_leave_concerns_the_caller_alone(arrive):
    """The others stay in the call."""
    member, guest = arrive("member"), arrive("guest")
    member.call("post")
    guest.call("post")
    answer = guest.call("delete")
    assert answer.whole == ok(answer, [])
    assert (member.flags, guest.flags) == (7, 0)
    assert [each["sessionId"] for each in guest.call("get").data] == [member.session.session_id]


@pytest.mark.contract("4.4/1")
def test_leave_takes_a_body_and_ignores_it(arrive):
    """A client may send parameters with DELETE; they are ignored."""
    member = arrive("member")
    member.call("post")
    answer = member.call("delete", {"all": 1, "flags": 7})
    assert answer.whole == ok(answer, [])
    assert member.flags == 0


@pytest.mark.contract("4.4/1")
@EACH_VERSION
def test_leave_and_join_again(arrive):
    """After leaving, the same session may join again."""
    member = arrive("member")
    member.call("post")
    member.call("delete")
    answer = member.call("post", {"flags": 3})
    assert answer.whole == ok(answer, [])
    assert member.flags == 3
    assert Session.objects.get(attendee=member.attendee) == member.session


@pytest.mark.contract("4.4/2")
@EACH_VERSION
def test_leave_counts_as_activity(arrive, clock):
    """Leaving a call is activity of the conversation."""
    arrive("moderator").call("post")
    member = arrive("member")
    member.call("post")
    clock.shift(5)
    member.call("delete")
    assert int(member.room("get").data["lastActivity"]) == int(NOW.timestamp()) + 5


@pytest.mark.contract("4.4/4")
@EACH_VERSION
def test_last_one_who_leaves_ends_the_call(arrive):
    """The call is open while somebody is in it, and no longer."""
    moderator, guest = arrive("moderator"), arrive("guest")
    moderator.call("post")
    guest.call("post")
    moderator.call("delete")
    assert bool(moderator.room("get").data["hasCall"]) is True
    guest.call("delete")
    assert bool(moderator.room("get").data["hasCall"]) is False


@pytest.mark.contract("4.4/call-flag")
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_call_flag_is_not_reduced_by_leaving(arrive, version):
    """One video user who left keeps the call a video call until it ends."""
    audio, video = arrive("moderator"), arrive("member")
    audio.call("post", {"flags": 3})
    video.call("post", {"flags": 7})
    video.call("delete")
    assert int(audio.room("get").data["callFlag"]) == 7
