"""Ringing for the site, and the calls that members missed."""

import pytest

from talk_calls.constants import LobbyState, ReadOnly
from talk_calls.exceptions import CallsDisabled, ConversationReadOnly
from talk_calls.models import Call, OutboxEvent, Session
from talk_calls.services import calls, conversations, own_settings, sweeper
from talk_calls.signals import CallEnded, CallMissed, CallRang
from tests.factories import AttendeeFactory, GuestFactory, UserFactory
from tests.meetings import Meeting, at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting(time_machine, sent):
    """A conversation of alice, bob and carol, in whose call nobody is yet."""
    time_machine.move_to(at(0), tick=False)
    made = Meeting()
    for name in ("alice", "bob", "carol"):
        made.people[name] = AttendeeFactory(
            conversation=made.conversation, display_name=name, user__username=name
        )
    return made


def missed(sent) -> list[set[str]]:
    """Return the names of those who missed a call, for each event."""
    events = [event for event in sent if isinstance(event, CallMissed)]
    return [set(names(event)) for event in events]


def names(event):
    users = UserFactory._meta.model.objects.filter(pk__in=event.user_pks)
    return users.values_list("username", flat=True)


def test_who_never_came_missed_it(meeting, sent):
    """When the call ends, it is known who was asked and did not come; once, after its end."""
    meeting.join("alice", 0)
    meeting.join("bob", 10)
    meeting.leave("bob", 20)
    assert missed(sent) == []
    meeting.leave("alice", 30)
    assert missed(sent) == [{"carol"}]
    kinds = [type(event) for event in sent]
    assert kinds.index(CallEnded) < kinds.index(CallMissed)
    event = sent[kinds.index(CallMissed)]
    assert (event.display_name, event.started_at, event.at) == ("alice", at(0), at(30))
    assert event.call_id == Call.objects.get().pk


def test_nobody_missed_it(meeting, sent):
    """There is no event about nobody."""
    for name in ("alice", "bob", "carol"):
        meeting.join(name, 1)
    for name in ("alice", "bob", "carol"):
        meeting.leave(name, 2)
    assert missed(sent) == []


def test_a_timed_out_call(meeting, sent):
    """The sweeper notices the end, and reports with its time."""
    meeting.join("alice", 0)
    meeting.time_out("alice", 5)
    sweeper.sweep(now=at(500))
    sweeper.sweep(now=at(501))
    assert missed(sent) == [{"bob", "carol"}]
    [event] = [event for event in sent if isinstance(event, CallMissed)]
    assert event.at == at(35)


def test_who_was_not_asked_missed_nothing(meeting, sent):
    """Nobody learned of it: notifications off, behind the lobby, a guest, or only passing."""
    bob = meeting.people["bob"]
    own_settings.set_notification_calls(attendee=bob, announced=False, now=at(0))
    GuestFactory(conversation=meeting.conversation)
    AttendeeFactory(conversation=meeting.conversation, participant_type=5)
    meeting.join("alice", 0)
    meeting.leave("alice", 1)
    assert missed(sent) == [{"carol"}]


def test_who_waits_in_the_lobby_missed_nothing(meeting, sent):
    """They could not have come."""
    alice = meeting.people["alice"]
    type(alice).objects.filter(pk=alice.pk).update(participant_type=1)
    meeting.conversation.lobby_state = LobbyState.NON_MODERATORS
    meeting.conversation.save()
    meeting.join("alice", 0)
    meeting.leave("alice", 1)
    assert missed(sent) == []


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [({"silent": True}, []), ({"silent_for": ["bob"]}, [{"carol"}])],
)
def test_silent_calls(meeting, sent, quiet, expected):
    """A call that was not announced was not missed; who was rung has missed it."""
    session = meeting.join("alice", 0)
    meeting.leave("alice", 1)
    sent.clear()
    calls.join(session=Session.objects.get(pk=session.pk), flags=7, now=at(20), **quiet)
    calls.leave(session=Session.objects.get(pk=session.pk), now=at(21))
    assert missed(sent) == expected


def ring(meeting, *wanted, by="alice", seconds=0.0):
    return calls.ring_users(
        conversation=meeting.conversation,
        users=[meeting.people[name].user for name in wanted],
        performed_by=meeting.people[by],
        now=at(seconds),
    )


def test_rung_in_a_silent_call(meeting, sent):
    """Somebody who was rung was asked, however the call began."""
    session = meeting.join("alice", 0)
    meeting.leave("alice", 1)
    calls.join(session=Session.objects.get(pk=session.pk), flags=7, now=at(20), silent=True)
    ring(meeting, "bob", seconds=21)
    calls.leave(session=Session.objects.get(pk=session.pk), now=at(22))
    assert missed(sent)[-1] == {"bob"}


def test_a_reload_is_not_missed_twice(meeting, sent):
    """What was missed of a call is not missed again in the one that resumes it."""
    meeting.join("alice", 0)
    meeting.leave("alice", 30)
    meeting.join("alice", 33)
    meeting.leave("alice", 60)
    assert missed(sent) == [{"bob", "carol"}]


def test_a_deleted_conversation_leaves_nothing_to_call_back(meeting, sent):
    """There is nowhere to go any more."""
    meeting.join("alice", 0)
    conversations.delete(conversation=meeting.conversation, now=at(1))
    assert missed(sent) == []


def test_stored_until_it_was_sent(meeting, sent, monkeypatch):
    """If the process is killed after the commit, the sweeper sends it."""
    meeting.join("alice", 0)
    monkeypatch.setattr("talk_calls.services.events._send_all", lambda events: None)
    meeting.leave("alice", 1)
    assert missed(sent) == []
    assert set(OutboxEvent.objects.values_list("type", flat=True)) == {"call.ended", "call.missed"}
    OutboxEvent.objects.update(created_at=at(0))
    sweeper.sweep(now=at(100))
    sweeper.sweep(now=at(101))
    assert missed(sent) == [{"bob", "carol"}]


def test_ringing_without_a_device(meeting, sent):
    """The site rings for a user who is nowhere online; there need be no call."""
    rung = ring(meeting, "bob", "carol")
    assert {str(each) for each in rung} == {"bob", "carol"}
    events = [event for event in sent if isinstance(event, CallRang)]
    assert [(e.call_id, e.display_name, e.target_user) for e in events] == [
        (None, "alice", "bob"),
        (None, "alice", "carol"),
    ]
    assert events[0].user_pk == str(meeting.people["bob"].user_id)


def test_ringing_leaves_out(meeting, sent):
    """Who is in the call, is being rung already, or does not belong there."""
    meeting.join("bob", 0)
    stranger = UserFactory()
    meeting.people["stranger"] = AttendeeFactory(user=stranger)
    assert [str(each) for each in ring(meeting, "bob", "carol", "stranger")] == ["carol"]
    assert ring(meeting, "carol") == []
    assert [str(each) for each in ring(meeting, "carol", by="bob")] == ["carol"]
    assert Call.objects.get().rung == [str(meeting.people["carol"].user_id)]


def test_ringing_who_could_not_come(meeting):
    """An account that is closed is left alone, and so is who has to wait in the lobby."""
    bob = meeting.people["bob"].user
    type(bob).objects.filter(pk=bob.pk).update(is_active=False)
    assert [str(each) for each in ring(meeting, "bob", "carol")] == ["carol"]
    meeting.conversation.lobby_state = LobbyState.NON_MODERATORS
    meeting.conversation.save()
    assert ring(meeting, "carol", by="bob") == []


def test_ringing_where_nobody_could_come(meeting, settings):
    """A locked conversation and a site without calls ring nobody."""
    settings.TALK_CALLS = {"START_CALLS": "no one"}
    with pytest.raises(CallsDisabled):
        ring(meeting, "bob")
    settings.TALK_CALLS = {}
    conversations.set_read_only(conversation=meeting.conversation, state=ReadOnly.READ_ONLY)
    with pytest.raises(ConversationReadOnly):
        ring(meeting, "bob")
