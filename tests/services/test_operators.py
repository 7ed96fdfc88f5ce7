"""Changes by somebody outside of the conversation: an operator, or a command."""

import pytest

from talk_calls.constants import ActorType, LegReason, ParticipantType
from talk_calls.exceptions import InvalidValue, NoCall, NoSuchConversation, NoSuchTarget
from talk_calls.models import Attendee, Call, CallLeg, Session
from talk_calls.services import (
    calls,
    conversations,
    groups,
    invitations,
    lobby,
    participants,
    permissions,
    sessions,
)
from talk_calls.signals import call_ended
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.times import START, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OWNER, MODERATOR, USER = ParticipantType.OWNER, ParticipantType.MODERATOR, ParticipantType.USER


@pytest.fixture
def room():
    return ConversationFactory()


@pytest.fixture
def operator():
    return participants.operator(UserFactory(username="root", first_name="Olga", last_name="Op"))


@pytest.fixture
def group(room):
    """Return the group "staff", which attends with bob and carol."""
    staff = UserFactory(username="bob").groups.create(name="staff")
    UserFactory(username="carol").groups.add(staff)
    groups.add(conversation=room, group_id="staff", now=START)
    return room.attendees.get(actor_type=ActorType.GROUPS)


def joined(attendee):
    session = SessionFactory(attendee=attendee, last_ping=START)
    calls.join(session=session, flags=7, now=START)
    return session


def ended_by():
    """Return why each call ended, and by whom."""
    fields = ("end_reason", "ended_by_type", "ended_by_id", "ended_by_name")
    return list(Call.objects.order_by("pk").values_list(*fields))


BY_OLGA = ("users", "root", "Olga Op")


def test_end(room, operator):
    """Everybody is out at once, and history names the operator, who is no attendee."""
    for attendee in (AttendeeFactory(conversation=room), GuestFactory(conversation=room)):
        joined(attendee)
    calls.end(conversation=room, now=at(5), performed_by=operator)
    assert ended_by() == [(LegReason.ENDED_FOR_ALL, *BY_OLGA)]
    assert (
        list(CallLeg.objects.values_list("reason", "left_at"))
        == [(LegReason.ENDED_FOR_ALL, at(5))] * 2
    )
    assert Session.objects.count() == 2  # they stay in the conversation
    assert not Session.objects.in_call().exists()


def test_end_is_reported(room, operator, django_capture_on_commit_callbacks):
    """The event names the operator who ended the call."""
    joined(AttendeeFactory(conversation=room))
    received = []

    def listen(event, **_):
        received.append((event.reason, event.actor_type, event.actor_id, event.display_name))

    call_ended.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            calls.end(conversation=room, now=at(5), performed_by=operator)
    finally:
        call_ended.disconnect(listen)
    assert received == [("ended_for_all", *BY_OLGA)]


def test_a_command_ends_as_nobody(room):
    """Without ``by`` nobody is named."""
    joined(AttendeeFactory(conversation=room))
    calls.end(conversation=room, now=at(5))
    assert ended_by() == [(LegReason.ENDED_FOR_ALL, "", "", "")]


def test_nothing_to_end(room, operator):
    """Without a call there is nothing to end; nor is there twice."""
    with pytest.raises(NoCall):
        calls.end(conversation=room, now=START, performed_by=operator)
    joined(AttendeeFactory(conversation=room))
    calls.end(conversation=room, now=at(1), performed_by=operator)
    with pytest.raises(NoCall):
        calls.end(conversation=room, now=at(2), performed_by=operator)
    assert ended_by() == [(LegReason.ENDED_FOR_ALL, *BY_OLGA)]


def test_a_timed_out_call_is_not_ended_again(room, operator):
    """It ended at the last timeout, by nobody."""
    joined(AttendeeFactory(conversation=room))
    with pytest.raises(NoCall):
        calls.end(conversation=room, now=at(60), performed_by=operator)
    assert ended_by() == [(LegReason.TIMEOUT, "", "", "")]
    assert Call.objects.get().ended_at == at(30)


def test_only_the_call_that_was_meant(room, operator):
    """A call that began since is not the one that the operator saw."""
    session = joined(AttendeeFactory(conversation=room))
    meant = Call.objects.get()
    calls.leave(session=session, now=at(1))
    calls.join(session=session, flags=7, now=at(2))
    with pytest.raises(NoCall):
        calls.end(conversation=room, now=at(3), performed_by=operator, call=meant.pk)
    assert Call.objects.get(ended_at=None) != meant
    calls.end(
        conversation=room, now=at(3), performed_by=operator, call=Call.objects.get(ended_at=None).pk
    )
    assert not Call.objects.filter(ended_at=None).exists()


def test_end_in_a_conversation_that_is_gone(room):
    """There is nothing to lock."""
    conversations.delete(conversation=room, now=START)
    room.pk = 0
    with pytest.raises(NoSuchConversation):
        calls.end(conversation=room, now=START)


def test_remove_session(room, operator):
    """One device goes; its user stays, and so does the other device in the call."""
    alice = AttendeeFactory(conversation=room)
    phone, desk = joined(alice), joined(alice)
    sessions.remove(session=phone, now=at(3), performed_by=operator)
    assert list(Session.objects.in_call()) == [desk]
    assert CallLeg.objects.get(session_key=phone.key).reason == LegReason.REMOVED
    assert Attendee.objects.get() == alice
    assert ended_by() == [("", "", "", "")]


def test_remove_the_last_session_in_call(room, operator):
    """The call ends with it, by the operator."""
    session = joined(AttendeeFactory(conversation=room))
    sessions.remove(session=session, now=at(3), performed_by=operator)
    assert ended_by() == [(LegReason.REMOVED, *BY_OLGA)]


def test_passing_attendees_go_with_their_last_session(room, operator):
    """As when they leave."""
    guest = GuestFactory(conversation=room)
    first, last = (SessionFactory(attendee=guest) for _ in range(2))
    sessions.remove(session=first, now=START, performed_by=operator)
    assert Attendee.objects.get() == guest
    sessions.remove(session=last, now=START, performed_by=operator)
    assert not Attendee.objects.exists()


def test_remove_a_session_that_is_gone(room):
    """Somebody was quicker."""
    session = SessionFactory(attendee__conversation=room)
    Session.objects.all().delete()
    with pytest.raises(NoSuchTarget):
        sessions.remove(session=session, now=START)


@pytest.mark.parametrize("role", [OWNER, MODERATOR, USER, ParticipantType.USER_SELF_JOINED])
def test_expel_users(room, operator, role):
    """Operators remove anybody, an owner too."""
    attendee = AttendeeFactory(conversation=room, participant_type=role)
    joined(attendee)
    invitations.expel_as_operator(attendee=attendee, now=at(3), performed_by=operator)
    assert not room.attendees.exists()
    assert not Session.objects.exists()
    assert ended_by() == [(LegReason.REMOVED, *BY_OLGA)]


def test_expel_others(room, operator):
    """Guests and e-mail invitees are attendees too."""
    invitee = GuestFactory(conversation=room, actor_type=ActorType.EMAILS, actor_id="c@x.org")
    for attendee in (GuestFactory(conversation=room), invitee):
        invitations.expel_as_operator(attendee=attendee, now=START, performed_by=operator)
    assert not room.attendees.exists()


def test_remove_a_group(room, group, operator):
    """With a group go those who are attendees only by it."""
    room.attendees.filter(user__username="carol").update(participant_type=MODERATOR)
    invitations.expel_as_operator(attendee=group, now=START, performed_by=operator)
    assert [attendee.user.username for attendee in room.attendees.all()] == ["carol"]


def test_one_to_one_stays(operator):
    """Removing one of the two would leave something that is nothing."""
    attendee = AttendeeFactory(conversation__type=1)
    with pytest.raises(InvalidValue):
        invitations.expel_as_operator(attendee=attendee, now=START, performed_by=operator)
    assert Attendee.objects.get() == attendee


def test_add_many(room, group):
    """Self-joined users and members by a group become members by name."""
    dave = UserFactory(username="dave")
    AttendeeFactory(conversation=room, user=dave, participant_type=5)
    erin, frank = (UserFactory(username=name) for name in ("erin", "frank"))
    AttendeeFactory(conversation=room, user=frank, participant_type=OWNER)
    bob = room.attendees.get(user__username="bob").user
    participants.add_users(conversation=room, users=[bob, dave, erin, frank], now=START)
    users = room.attendees.exclude(user=None).order_by("user__username")
    assert list(users.values_list("user__username", "participant_type", "by_group")) == [
        ("bob", USER, False),
        ("carol", USER, True),
        ("dave", USER, False),
        ("erin", USER, False),
        ("frank", OWNER, False),
    ]
    assert users.get(user=erin).display_name == "erin"


def test_expel_many(room, operator):
    """The call ends with the last of them."""
    alice, bob, carol = (AttendeeFactory(conversation=room) for _ in range(3))
    joined(alice)
    joined(bob)
    invitations.expel_many(conversation=room, attendees=[alice], now=at(1), performed_by=operator)
    assert ended_by() == [("", "", "", "")]
    invitations.expel_many(conversation=room, attendees=[bob], now=at(2), performed_by=operator)
    assert ended_by() == [(LegReason.REMOVED, *BY_OLGA)]
    assert room.attendees.get() == carol
    room.type = 1
    with pytest.raises(InvalidValue):
        invitations.expel_many(conversation=room, attendees=[carol], now=at(2))


def test_all_other_deeds_take_an_operator(room, operator):
    """Nobody asks whether an operator moderates, which a moderator is asked again."""
    attendee = AttendeeFactory(conversation=room)
    permissions.promote(attendee=attendee, performed_by=operator, now=START)
    permissions.demote(attendee=attendee, performed_by=operator, now=START)
    lobby.set_state(conversation=room, state=1, timer=None, now=START, performed_by=operator)
    conversations.set_read_only(conversation=room, state=1, now=START, performed_by=operator)
    room.refresh_from_db()
    assert (room.lobby_state, room.read_only) == (1, 1)
    assert Attendee.objects.get().participant_type == USER


def roles(room):
    return dict(room.attendees.values_list("user__username", "participant_type"))


def test_set_owner(room):
    """There is one owner; the earlier one is an ordinary user then."""
    alice, bob = (UserFactory(username=name) for name in ("alice", "bob"))
    AttendeeFactory(conversation=room, user=alice, participant_type=OWNER)
    AttendeeFactory(conversation=room, user=bob)
    permissions.set_owner(conversation=room, user=bob, now=START)
    assert roles(room) == {"alice": USER, "bob": OWNER}
    permissions.set_owner(conversation=room, user=bob, now=START)
    assert roles(room) == {"alice": USER, "bob": OWNER}
    permissions.set_owner(conversation=room, user=None, now=START)
    assert roles(room) == {"alice": USER, "bob": USER}


def test_a_former_owner_waits_in_the_lobby(room):
    """Losing the role has its effect at once."""
    session = joined(AttendeeFactory(conversation=room, participant_type=OWNER))
    lobby.set_state(conversation=room, state=1, timer=None, now=at(1))
    assert list(Session.objects.in_call()) == [session]
    permissions.set_owner(conversation=room, user=None, now=at(2))
    assert not Session.objects.in_call().exists()
    assert CallLeg.objects.get().reason == LegReason.PERMISSION


def test_an_owner_has_to_attend(room):
    """Nobody is made an owner who does not belong there, and the earlier one stays."""
    AttendeeFactory(conversation=room, user=UserFactory(username="alice"), participant_type=OWNER)
    with pytest.raises(NoSuchTarget):
        permissions.set_owner(conversation=room, user=UserFactory(), now=START)
    assert roles(room) == {"alice": OWNER}


def test_both_own_a_one_to_one():
    """There is no owner to set."""
    attendee = AttendeeFactory(conversation__type=1, participant_type=OWNER)
    with pytest.raises(InvalidValue):
        permissions.set_owner(conversation=attendee.conversation, user=None, now=START)
    assert Attendee.objects.get().participant_type == OWNER
