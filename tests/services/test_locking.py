"""The lock and record of a call: timeouts are stored as they happened (design truths 1 to 4)."""

import pytest

from talk_calls.constants import ConversationType, LegReason, ParticipantType
from talk_calls.exceptions import LobbyActive, NoSession, NoSuchConversation
from talk_calls.models import Call, CallLeg, Session
from talk_calls.services import (
    calls,
    conversations,
    lobby,
    locking,
    participants,
    sessions,
    statements,
)
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, SessionFactory
from tests.times import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def room():
    return ConversationFactory()


def joined(room, seconds: float = 0, *, flags: int = 7, attendee=None) -> Session:
    """Return a session that pinged and joined the call at this second."""
    attendee = attendee or AttendeeFactory(conversation=room)
    session = SessionFactory(attendee=attendee, last_ping=at(seconds))
    calls.join(session=session, flags=flags, now=at(seconds))
    session.refresh_from_db()
    return session


def ping(session: Session, seconds: float) -> None:
    Session.objects.filter(pk=session.pk).update(last_ping=at(seconds))


def apply_timeouts(room, seconds: float) -> None:
    """Lock the conversation and store its timeouts, as every change does."""
    with locking.locked(room.pk, now=at(seconds)):
        pass


def legs(session: Session) -> list[tuple]:
    found = CallLeg.objects.filter(session_key=session.key).order_by("pk")
    return [((leg.joined_at, leg.left_at), leg.reason, leg.flags) for leg in found]


def history() -> list[tuple]:
    return [
        ((call.started_at, call.ended_at), call.end_reason, call.flags)
        for call in Call.objects.order_by("started_at")
    ]


# Start and end


def test_first_join_starts_and_last_leave_ends(room):
    """A call lasts from the first join to the last leave, and each stay is a leg of it."""
    first, second = joined(room, 0), joined(room, 5, flags=3)
    calls.leave(session=first, now=at(10))
    assert history() == [((at(0), None), "", 7)]
    calls.leave(session=second, now=at(20))
    assert history() == [((at(0), at(20)), LegReason.LEFT, 7)]
    assert legs(first) == [((at(0), at(10)), LegReason.LEFT, 7)]
    assert legs(second) == [((at(5), at(20)), LegReason.LEFT, 3)]
    assert not Session.objects.in_call().exists()


def test_next_join_starts_another_call(room):
    """A call that ended does not go on."""
    session = joined(room, 0)
    calls.leave(session=session, now=at(10))
    calls.join(session=session, flags=1, now=at(20))
    assert history() == [
        ((at(0), at(10)), LegReason.LEFT, 7),
        ((at(20), None), "", 1),
    ]
    assert legs(session) == [
        ((at(0), at(10)), LegReason.LEFT, 7),
        ((at(20), None), "", 1),
    ]


def test_leaving_twice_changes_nothing(room):
    """A session that is not in the call may leave it all the same."""
    session = joined(room, 0)
    calls.leave(session=session, now=at(10))
    before = history(), legs(session)
    calls.leave(session=session, now=at(20))
    assert (history(), legs(session)) == before


def test_flags_zero_leaves(room):
    """Joining with nothing is leaving (behaviour 4.3)."""
    session = joined(room, 0)
    calls.join(session=session, flags=0, now=at(10))
    assert history() == [((at(0), at(10)), LegReason.LEFT, 7)]


def test_leg_keeps_the_name(room):
    """The history keeps names of the time, also after their accounts are deleted."""
    alice = AttendeeFactory(conversation=room, user__username="alice", display_name="Alice")
    session = joined(room, attendee=alice)
    guest = joined(room, attendee=GuestFactory(conversation=room, display_name="Gast"))
    found = CallLeg.objects.order_by("pk").values_list(
        "session_key", "actor_type", "actor_id", "user", "display_name"
    )
    assert list(found) == [
        (session.key, "users", "alice", alice.user.pk, "Alice"),
        (guest.key, "guests", guest.attendee.actor_id, None, "Gast"),
    ]


# Flags


def test_flags_are_ored_in_call_and_leg_and_replaced_in_the_session(room):
    """What anybody ever had is kept for the call; the session has what it has now."""
    session = joined(room, 0, flags=1)
    for second, flags in ((1, 3), (2, 9)):
        calls.join(session=session, flags=flags, now=at(second))
    session.refresh_from_db()
    assert session.in_call == 9
    assert legs(session) == [((at(0), None), "", 11)]
    assert history() == [((at(0), None), "", 11)]
    joined(room, 3, flags=4)
    assert history() == [((at(0), None), "", 15)]


@pytest.mark.parametrize(
    ("kind", "expected"), [(ConversationType.PUBLIC, 7), (ConversationType.GROUP, 3)]
)
@pytest.mark.parametrize("role", [ParticipantType.GUEST, ParticipantType.GUEST_MODERATOR])
def test_guests_add_to_the_call_only_where_it_is_public(kind, expected, role):
    """A guest's flags count for the call in public conversations (behaviour 4.3/6)."""
    room = ConversationFactory(type=kind)
    joined(room, 0, flags=3)
    guest = GuestFactory(conversation=room, participant_type=role)
    session = joined(room, 1, flags=5, attendee=guest)
    assert history() == [((at(0), None), "", expected)]
    assert session.in_call == 5


def test_join_is_no_ping(room):
    """Joining does not refresh a ping that still counts (behaviour 3.4)."""
    session = SessionFactory(attendee__conversation=room, last_ping=at(0))
    calls.join(session=session, flags=7, now=at(30))
    session.refresh_from_db()
    assert session.last_ping == at(0)


def test_join_of_a_timed_out_session_is_a_ping(room):
    """The joining session counts at once, so that no call starts empty."""
    session = SessionFactory(attendee__conversation=room, last_ping=at(0))
    calls.join(session=session, flags=7, now=at(31))
    session.refresh_from_db()
    assert session.last_ping == at(31)
    assert Session.objects.live_in_call(at(31)).exists()


# What happened unseen


def test_timed_out_legs_end_at_the_timeout(room):
    """A leg ends at the last ping plus the timeout, and the call with the last of them."""
    first, second = joined(room, 0), joined(room, 10)
    apply_timeouts(room, 1000)
    assert legs(first) == [((at(0), at(30)), LegReason.TIMEOUT, 7)]
    assert legs(second) == [((at(10), at(40)), LegReason.TIMEOUT, 7)]
    assert history() == [((at(0), at(40)), LegReason.TIMEOUT, 7)]
    assert not Session.objects.in_call().exists()


@pytest.mark.parametrize(("age", "settled"), [(29, False), (30, False), (30.001, True)])
def test_timeout_is_exact(room, age, settled):
    """Thirty seconds still count, and not a moment more (constants 3.3)."""
    joined(room, 0)
    apply_timeouts(room, age)
    assert Call.objects.filter(ended_at=None).exists() is not settled


def test_pings_keep_a_call_alive(room):
    """However long it lasts."""
    session = joined(room, 0)
    ping(session, 5000)
    apply_timeouts(room, 5030)
    assert history() == [((at(0), None), "", 7)]


def test_one_of_two_times_out(room):
    """The call continues for the other."""
    gone, stays = joined(room, 0), joined(room, 0)
    ping(stays, 50)
    apply_timeouts(room, 60)
    assert legs(gone) == [((at(0), at(30)), LegReason.TIMEOUT, 7)]
    assert legs(stays) == [((at(0), None), "", 7)]
    assert history() == [((at(0), None), "", 7)]


def test_call_ends_at_the_last_timeout_and_not_at_the_last_leave(room):
    """An earlier leave does not move the end of the call."""
    left, gone = joined(room, 0), joined(room, 20)
    calls.leave(session=left, now=at(25))
    apply_timeouts(room, 1000)
    assert history() == [((at(0), at(50)), LegReason.TIMEOUT, 7)]
    assert legs(gone) == [((at(20), at(50)), LegReason.TIMEOUT, 7)]


def test_rejoin_after_the_timeout_starts_a_new_call(room):
    """A call in which all timed out has ended, also for one who joins again."""
    session = joined(room, 0)
    calls.join(session=session, flags=3, now=at(90))
    assert history() == [
        ((at(0), at(30)), LegReason.TIMEOUT, 7),
        ((at(90), None), "", 3),
    ]
    assert legs(session) == [
        ((at(0), at(30)), LegReason.TIMEOUT, 7),
        ((at(90), None), "", 3),
    ]


def test_rejoin_of_a_running_call_after_the_timeout(room):
    """A timed out session that joins a running call again has a second leg."""
    session, other = joined(room, 0), joined(room, 0)
    ping(other, 90)
    calls.join(session=session, flags=3, now=at(90))
    assert history() == [((at(0), None), "", 7)]
    assert legs(session) == [
        ((at(0), at(30)), LegReason.TIMEOUT, 7),
        ((at(90), None), "", 3),
    ]


def test_another_joins_after_all_timed_out(room):
    """A new call starts, and the old one ended at its last timeout."""
    joined(room, 0)
    joined(room, 500, flags=1)
    assert history() == [
        ((at(0), at(30)), LegReason.TIMEOUT, 7),
        ((at(500), None), "", 1),
    ]


def test_leave_after_the_timeout_is_a_timeout(room):
    """A leave after the timeout does not change the reason of the leg."""
    session = joined(room, 0)
    calls.leave(session=session, now=at(90))
    assert legs(session) == [((at(0), at(30)), LegReason.TIMEOUT, 7)]
    assert history() == [((at(0), at(30)), LegReason.TIMEOUT, 7)]


def test_an_expired_session_cannot_join(room):
    """A session that expires between look-up and lock is refused."""
    session = SessionFactory(attendee__conversation=room, last_ping=at(0))
    with pytest.raises(NoSession):
        calls.join(session=session, flags=7, now=at(100))
    assert not Call.objects.exists()


def test_session_that_joined_with_an_old_ping(room):
    """A leg does not end before it starts, however old the ping it began with."""
    session = SessionFactory(attendee__conversation=room, last_ping=at(0))
    calls.join(session=session, flags=7, now=at(29))
    apply_timeouts(room, 1000)
    assert legs(session) == [((at(29), at(30)), LegReason.TIMEOUT, 7)]


def test_clock_that_runs_backwards(room):
    """Legs and calls do not end before they start, whatever the server's clock does."""
    session = joined(room, 100)
    calls.leave(session=session, now=at(50))
    assert legs(session) == [((at(100), at(100)), LegReason.LEFT, 7)]
    assert history() == [((at(100), at(100)), LegReason.LEFT, 7)]


def test_timeout_is_a_setting(room, settings):
    """The site's own timeout counts."""
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 5}
    session = joined(room, 0)
    apply_timeouts(room, 6)
    assert legs(session) == [((at(0), at(5)), LegReason.TIMEOUT, 7)]


def test_apply_timeouts_is_idempotent(room):
    """A second time changes nothing; other conversations are not touched."""
    session, elsewhere = joined(room, 0), joined(ConversationFactory(), 0)
    apply_timeouts(room, 1000)
    before = legs(session), history()
    apply_timeouts(room, 2000)
    assert (legs(session), history()) == before
    assert legs(elsewhere) == [((at(0), None), "", 7)]


# Rights that are lost


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("lock", LegReason.READ_ONLY),
        ("delete", LegReason.CONVERSATION_DELETED),
    ],
)
def test_everybody_is_taken_out(room, change, reason):
    """Locking and deleting end the call, moderators included, in one transaction."""
    owner = AttendeeFactory(conversation=room, participant_type=ParticipantType.OWNER)
    people = [joined(room, attendee=owner), joined(room)]
    if change == "lock":
        conversations.set_read_only(conversation=room, state=1, now=at(10))
    else:
        conversations.delete(conversation=room, now=at(10))
    for session in people:
        assert legs(session) == [((at(0), at(10)), reason, 7)]
    assert history() == [((at(0), at(10)), reason, 7)]
    assert not Session.objects.in_call().exists()


def test_history_outlives_the_conversation(room):
    """A deleted conversation leaves its calls behind, by name."""
    joined(room)
    conversations.delete(conversation=room, now=at(10))
    call = Call.objects.get()
    assert (call.conversation, call.conversation_name) == (None, "Weekly")


def test_lobby_takes_out_those_who_have_to_wait(room):
    """Moderators stay in the call, guest moderators among them."""
    roles = {
        role: joined(room, attendee=AttendeeFactory(conversation=room, participant_type=role))
        for role in (1, 2, 3, 5)
    }
    for role in (4, 6):
        guest = GuestFactory(conversation=room, participant_type=role)
        roles[role] = joined(room, attendee=guest)
    lobby.set_state(conversation=room, state=1, timer=None, now=at(10))
    reasons = {role: legs(session)[0][1] for role, session in roles.items()}
    out = LegReason.LOBBY
    assert reasons == {1: "", 2: "", 6: "", 3: out, 4: out, 5: out}
    assert history() == [((at(0), None), "", 7)]


def test_lobby_with_nobody_left_ends_the_call(room):
    """A call of people who all have to wait is over."""
    joined(room)
    lobby.set_state(conversation=room, state=1, timer=None, now=at(10))
    assert history() == [((at(0), at(10)), LegReason.LOBBY, 7)]


def test_lobby_that_is_over_already_takes_nobody_out(room):
    """A timer in the past raises no lobby."""
    joined(room)
    lobby.set_state(conversation=room, state=1, timer=at(10), now=at(10))
    assert history() == [((at(0), None), "", 7)]


def test_removed_attendee_leaves_the_call(room):
    """The legs of a removed attendee end with that reason."""
    gone, stays = joined(room), joined(room)
    participants.remove(attendee=gone.attendee, now=at(10))
    assert legs(gone) == [((at(0), at(10)), LegReason.REMOVED, 7)]
    assert list(Session.objects.all()) == [stays]
    assert history() == [((at(0), None), "", 7)]


# What went meanwhile


def test_session_that_was_closed_meanwhile(room):
    """A request with a session that was closed after its look-up is refused and changes nothing."""
    session = joined(room)
    Session.objects.filter(pk=session.pk).delete()
    with pytest.raises(NoSession):
        calls.join(session=session, flags=7, now=at(10))
    with pytest.raises(NoSession):
        calls.leave(session=session, now=at(10))
    sessions.leave(session=session, now=at(10))


def test_conversation_that_went_meanwhile(room):
    """What happens in a conversation that is gone happens nowhere."""
    session = joined(room)
    conversations.delete(conversation=room, now=at(5))
    with pytest.raises(NoSuchConversation):
        calls.join(session=session, flags=7, now=at(10))
    with pytest.raises(NoSuchConversation):
        conversations.delete(conversation=room, now=at(10))
    sessions.leave(session=session, now=at(10))


def test_refused_join_changes_nothing(room):
    """The rules are asked again under the lock; a refusal rolls everything back."""
    session = SessionFactory(attendee__conversation=room, last_ping=at(0))
    lobby.set_state(conversation=room, state=1, timer=None, now=at(0))
    room.refresh_from_db()
    before = room.last_activity_at
    with pytest.raises(LobbyActive):
        calls.join(session=session, flags=7, now=at(10))
    room.refresh_from_db()
    assert (room.last_activity_at, Call.objects.count()) == (before, 0)


# History that can be replayed


def test_participants_follow_from_the_legs(room):
    """The legs give the set of participants at any past second."""
    one, other = joined(room, 0), joined(room, 3)
    calls.leave(session=one, now=at(5))
    calls.join(session=one, flags=7, now=at(8))
    calls.leave(session=other, now=at(9))
    calls.leave(session=one, now=at(10))
    past = []
    for second in range(11):
        legs_then = CallLeg.objects.filter(joined_at__lte=at(second), left_at__gt=at(second))
        past.append(sorted(legs_then.values_list("session_key", flat=True)))
    both = sorted([one.key, other.key])
    expected = [[one.key]] * 3 + [both] * 2 + [[other.key]] * 3 + [both] + [[one.key]] + [[]]
    assert past == expected


def test_legs_do_not_overlap_when_a_clock_is_behind(room, time_machine):
    """The machine that handles the next join may be a little behind the last one."""
    session = joined(room, 10)
    calls.leave(session=session, now=at(20))
    calls.join(session=session, flags=7, now=at(19.9))
    calls.leave(session=session, now=at(19.8))
    calls.join(session=session, flags=7, now=at(19.7))
    spans = [span for span, _, _ in legs(session)]
    assert spans == [(at(10), at(20)), (at(20), at(20)), (at(20), None)]


def test_a_session_that_was_swept_cannot_join(room, monkeypatch):
    """The row went between the apply_timeouts and the write: nothing of the join remains."""
    session = SessionFactory(attendee__conversation=room, last_ping=at(0))
    set_flags = statements.set_flags

    def swept_just_before(session: Session) -> bool:
        Session.objects.filter(pk=session.pk).delete()
        return set_flags(session)

    monkeypatch.setattr(statements, "set_flags", swept_just_before)
    with pytest.raises(NoSession):
        calls.join(session=session, flags=7, now=at(0))
    assert not Call.objects.exists()
    assert not CallLeg.objects.exists()
