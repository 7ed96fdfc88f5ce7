"""Requests that meet: proved on PostgreSQL, with a connection for each thread (design 3)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from talk_calls.constants import LegReason, PermissionChange
from talk_calls.exceptions import TalkError
from talk_calls.host.actors import GUEST, Actor
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import (
    bans,
    calls,
    conversations,
    creation,
    groups,
    lobby,
    participants,
    permissions,
    sessions,
    sweeper,
)
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 3


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run all actions at the same time; return what each returned or refused with."""
    start = Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        try:
            start.wait(timeout=10)
            return action()
        except TalkError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def join(session: Session) -> Callable[[], None]:
    return lambda: calls.join(session=session, flags=7, now=timezone.now())


def leave(session: Session) -> Callable[[], None]:
    return lambda: calls.leave(session=session, now=timezone.now())


def online(room: Conversation, count: int) -> list[Session]:
    return [SessionFactory(attendee__conversation=room) for _ in range(count)]


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_eight_first_joins_start_one_call(turn):
    """However many start a call at once, there is one, and all are in it."""
    room = ConversationFactory()
    assert at_once(*map(join, online(room, 8))) == [None] * 8
    call = Call.objects.get()
    assert (call.ended_at, call.legs.filter(left_at=None).count()) == (None, 8)
    assert Session.objects.in_call().count() == 8


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_session_joining_eight_times_has_one_leg(turn):
    """Repeated joins of a session are one leg."""
    (session,) = online(ConversationFactory(), 1)
    at_once(*[join(session)] * 8)
    assert CallLeg.objects.count() == Call.objects.count() == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_last_leave_and_first_join(turn):
    """In either order nobody is in an ended call, and no open call is empty."""
    room = ConversationFactory()
    *leaving, coming = online(room, 5)
    for session in leaving:
        join(session)()
    at_once(*map(leave, leaving), join(coming))
    call = Call.objects.get(ended_at=None)
    assert list(call.legs.filter(left_at=None).values_list("session_key")) == [(coming.key,)]
    assert CallLeg.objects.filter(left_at=None).count() == 1
    assert list(Session.objects.in_call()) == [coming]


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize(("barrier", "refusal"), [("lock", "read-only"), ("lobby", "lobby")])
def test_joins_racing_a_lock_leave_nobody_in(turn, barrier, refusal):
    """A right that is lost is lost at once, also for those who are just coming in."""
    room = ConversationFactory()
    people = online(room, 6)

    def shut() -> None:
        if barrier == "lock":
            conversations.set_read_only(conversation=room, state=1, now=timezone.now())
        else:
            lobby.set_state(conversation=room, state=1, timer=None, now=timezone.now())

    results = at_once(*map(join, people[:3]), shut, *map(join, people[3:]))
    assert set(results) <= {None, refusal}
    assert not Session.objects.in_call().exists()
    assert not Call.objects.filter(ended_at=None).exists()
    reason = LegReason.READ_ONLY if barrier == "lock" else LegReason.LOBBY
    assert set(CallLeg.objects.values_list("reason", flat=True)) <= {reason}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_joins_racing_a_deletion_leave_nothing(turn):
    """Nobody is left in a conversation that is gone."""
    room = ConversationFactory()
    people = online(room, 6)
    results = at_once(
        *map(join, people[:3]),
        lambda: conversations.delete(conversation=room, now=timezone.now()),
        *map(join, people[3:]),
    )
    assert set(results) <= {None, "no-conversation"}
    assert not Session.objects.exists()
    assert not CallLeg.objects.filter(left_at=None).exists()
    assert not Call.objects.filter(ended_at=None).exists()


def ask(user, whom, *, both: bool = True) -> Callable[[], tuple[int, bool]]:
    def create() -> tuple[int, bool]:
        conversation, created = creation.create_one_to_one(user=user, other=whom, both=both)
        return conversation.pk, created

    return create


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("both", [True, False], ids=["both", "the one who asks"])
def test_two_users_make_one_conversation(turn, both):
    """Both halves of a pair may ask at once, and meet."""
    one, other = UserFactory(), UserFactory()
    results = at_once(*[ask(one, other, both=both), ask(other, one, both=both)] * 3)
    assert len({pk for pk, _ in results}) == Conversation.objects.count() == 1
    assert [created for _, created in results].count(True) == 1
    assert set(Attendee.objects.values_list("user", "participant_type")) == {
        (one.pk, 1),
        (other.pk, 1),
    }


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_asking_for_a_one_to_one_that_is_left(turn):
    """Who asks is in one in the end: in that of the other, or in a new one."""
    one, other = UserFactory(), UserFactory()
    ask(one, other, both=False)()
    mine = Attendee.objects.select_related("user").get()
    results = at_once(
        lambda: participants.resign(attendee=mine, now=timezone.now()),
        ask(other, one, both=False),
    )
    conversation = Conversation.objects.get()
    assert results == [None, (conversation.pk, conversation.pk != mine.conversation_id)]
    assert conversation.attendees.get().user == other


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_first_call_while_the_other_asks(turn):
    """The other one is added once, and the call has started."""
    one, other = UserFactory(), UserFactory()
    ask(one, other, both=False)()
    mine = Attendee.objects.select_related("conversation", "user").get()
    session = SessionFactory(attendee=mine)

    def call() -> None:
        creation.refill(conversation=mine.conversation, by=Actor(one))
        calls.join(session=session, flags=7, now=timezone.now())

    results = at_once(call, ask(other, one, both=False), call)
    assert results == [None, (mine.conversation_id, False), None]
    assert Attendee.objects.count() == 2
    assert Call.objects.count() == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("change", ["promotion", "permissions"])
def test_a_self_joined_user_who_leaves_while_becoming_a_member(turn, change):
    """They are a member without a session, or gone; nothing is left half done."""
    room = ConversationFactory()
    passing = AttendeeFactory(conversation=room, participant_type=5)
    session = SessionFactory(attendee=passing)

    def make_member() -> None:
        if change == "promotion":
            permissions.promote(attendee=passing, now=timezone.now())
        else:
            permissions.of_attendee(
                attendee=passing, change=PermissionChange.SET, permissions=6, now=timezone.now()
            )

    left, made = at_once(lambda: sessions.leave(session=session, now=timezone.now()), make_member)
    assert (left, made) in {(None, None), (None, "no-target")}
    assert not Session.objects.exists()
    kept = list(Attendee.objects.values_list("participant_type", "permissions"))
    stays = [(2, 0)] if change == "promotion" else [(3, 7)]
    assert kept == (stays if made is None else [])


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_six_devices_of_one_member_enter_and_join(turn):
    """In v4 each device stays, and all are in one call."""
    attendee = AttendeeFactory()

    def come_in() -> None:
        entrance = sessions.enter(
            conversation=attendee.conversation,
            actor=Actor(attendee.user),
            attendee=attendee,
            password="",
            force=True,
            now=timezone.now(),
            replaces=0,
        )
        calls.join(session=entrance.session, flags=7, now=timezone.now())

    assert at_once(*[come_in] * 6) == [None] * 6
    assert Session.objects.in_call().count() == 6
    assert Call.objects.get().legs.filter(left_at=None).count() == 6


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_group_that_changes_while_it_is_removed(turn):
    """A user who joins a group while it is removed does not stay an attendee by it."""
    room = ConversationFactory(type=2)
    group = Group.objects.create(name="hatters")
    group.user_set.add(*[UserFactory() for _ in range(5)])
    groups.add(conversation=room, group_id="hatters", now=timezone.now())
    attendee = room.attendees.get(actor_type="groups")
    newcomers = [UserFactory() for _ in range(3)]
    at_once(
        lambda: groups.remove(attendee=attendee, performed_by=None, now=timezone.now()),
        *[lambda user=user: group.user_set.add(user) for user in newcomers],
    )
    assert not room.attendees.exists()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_group_that_changes_while_it_is_added(turn):
    """The members in the end are the attendees in the end."""
    room = ConversationFactory(type=2)
    group = Group.objects.create(name="hatters")
    leaving, joining = ([UserFactory() for _ in range(3)] for _ in range(2))
    group.user_set.add(*leaving)
    at_once(
        lambda: groups.add(conversation=room, group_id="hatters", now=timezone.now()),
        *[lambda user=user: group.user_set.add(user) for user in joining],
        *[lambda user=user: group.user_set.remove(user) for user in leaving],
    )
    there = room.attendees.exclude(user=None).values_list("user", flat=True)
    assert set(there) == {user.pk for user in joining}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_group_that_is_deleted_while_it_is_added(turn):
    """In either order the group is no attendee in the end."""
    room = ConversationFactory(type=2)
    group = Group.objects.create(name="hatters")
    group.user_set.add(UserFactory())
    at_once(
        lambda: groups.add(conversation=room, group_id="hatters", now=timezone.now()),
        group.delete,
    )
    assert not room.attendees.exists()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_member_entering_six_times_has_one_session(turn):
    """The last one in replaces the others (behaviour 3.1)."""
    attendee = AttendeeFactory()

    def enter() -> None:
        sessions.enter(
            conversation=attendee.conversation,
            actor=Actor(attendee.user),
            attendee=attendee,
            password="",
            force=True,
            now=timezone.now(),
        )

    assert at_once(*[enter] * 6) == [None] * 6
    assert Session.objects.count() == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_adding_a_self_joined_user_who_leaves(turn):
    """A user who is invited while leaving is either a member or gone."""
    room = ConversationFactory()
    passing = AttendeeFactory(conversation=room, participant_type=5)
    session = SessionFactory(attendee=passing)
    results = at_once(
        lambda: sessions.leave(session=session, now=timezone.now()),
        lambda: participants.add_user(conversation=room, user=passing.user).participant_type,
    )
    assert results == [None, 3]
    assert Attendee.objects.get(user=passing.user).participant_type == 3
    assert not Session.objects.exists()


def strictly(action: Callable[[], object]) -> Callable[[], object]:
    """Run an action in a connection that asks PostgreSQL for its strictest isolation."""

    def run() -> object:
        with connection.cursor() as cursor:
            cursor.execute(
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE"
            )
        return action()

    return run


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_stricter_isolation_is_tried_again(turn):
    """Where the site asks for it, PostgreSQL gives transactions up, and nobody notices."""
    room = ConversationFactory()
    people = online(room, 4)
    assert at_once(*[strictly(join(session)) for session in people]) == [None] * 4
    assert Call.objects.get().legs.filter(left_at=None).count() == 4
    assert at_once(*[strictly(leave(session)) for session in people]) == [None] * 4
    assert Call.objects.get().ended_at is not None


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_sweepers_pings_and_joins(turn):
    """A session that joins while two sweepers run is either kept or gone."""
    room = ConversationFactory()
    edge = timezone.now() - timedelta(seconds=99.9)
    guests = [GuestFactory(conversation=room) for _ in range(6)]
    people = [SessionFactory(attendee=guest, last_ping=edge) for guest in guests]

    def come_back(session: Session) -> Callable[[], object]:
        def act() -> object:
            now = timezone.now()
            sessions.ping([session], now=now)
            return calls.join(session=session, flags=7, now=now)

        return act

    results = at_once(
        lambda: sweeper.sweep(now=timezone.now() + timedelta(seconds=1)),
        *[come_back(session) for session in people],
        lambda: sweeper.sweep(now=timezone.now() + timedelta(seconds=1)),
    )
    assert set(results[1:-1]) <= {None, "no-session"}
    keys = {session.key for session in Session.objects.in_call()}
    assert set(CallLeg.objects.filter(left_at=None).values_list("session_key", flat=True)) == keys
    assert len(keys) == results.count(None)
    with_sessions = Attendee.objects.filter(sessions__isnull=False).count()
    assert Attendee.objects.filter(conversation=room).count() == with_sessions


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_operator_ends_a_call_while_others_join(turn):
    """Sessions of the ended call are out; later joins start a call that was not ended."""
    room = ConversationFactory()
    first, *coming = online(room, 6)
    join(first)()
    results = at_once(
        *map(join, coming[:3]),
        lambda: calls.end(conversation=room, now=timezone.now()),
        lambda: calls.end(conversation=room, now=timezone.now()),
        *map(join, coming[3:]),
    )
    assert set(results) <= {None, "in-call"}
    assert Call.objects.filter(end_reason=LegReason.ENDED_FOR_ALL).exists()
    in_call = {session.key for session in Session.objects.in_call()}
    still_in = CallLeg.objects.filter(left_at=None)
    assert set(still_in.values_list("session_key", flat=True)) == in_call
    assert Call.objects.filter(ended_at=None).count() == bool(in_call)
    assert set(still_in.values_list("call__ended_at", flat=True)) <= {None}


def enter(room: Conversation) -> Callable[[], str]:
    def run() -> str:
        sessions.enter(
            conversation=room,
            actor=GUEST,
            attendee=None,
            password="",
            force=False,
            now=timezone.now(),
        )
        return "in"

    return run


def test_a_full_conversation_and_many_newcomers(settings):
    """The bound is asked under the lock, so nobody comes in beyond it."""
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 3}
    for _ in range(ROUNDS):
        room = ConversationFactory()
        outcomes = at_once(*[enter(room)] * 8)
        assert sorted(outcomes) == ["full"] * 5 + ["in"] * 3
        assert room.attendees.count() == room.sessions.count() == 3


def test_newcomers_remove_who_is_gone_at_once():
    """Each finds what the one before left, and a sweep at the same time disturbs nobody."""
    for _ in range(ROUNDS):
        room = ConversationFactory()
        long_ago = timezone.now() - timedelta(seconds=200)
        for guest in GuestFactory.create_batch(150, conversation=room):
            SessionFactory(attendee=guest, last_ping=long_ago)
        outcomes = at_once(*[enter(room)] * 4, lambda: sweeper.sweep() and "swept")
        assert sorted(outcomes) == ["in"] * 4 + ["swept"]
        assert room.attendees.count() == room.sessions.count() == 4


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_ban_while_all_devices_enter_and_join(turn):
    """However they meet, whoever is banned is not in the conversation, nor in its call, after it.

    The devices of a user and those of a guest's browser come in again and again.
    """
    room = ConversationFactory()
    owner = AttendeeFactory(conversation=room, participant_type=1)
    user = UserFactory(username=f"bob{turn}")
    browser = f"browser-{turn}"
    guest = sessions.enter(
        conversation=room,
        actor=Actor(browser=browser),
        attendee=None,
        password="",
        force=True,
        now=timezone.now(),
        replaces=0,
    ).session.attendee

    def come_in(actor: Actor) -> Callable[[], object]:
        def act() -> str:
            for _ in range(3):
                entered = sessions.enter(
                    conversation=room,
                    actor=actor,
                    attendee=None,
                    password="",
                    force=True,
                    now=timezone.now(),
                    replaces=0,
                ).session
                calls.join(session=entered, flags=7, now=timezone.now())
            return "in"

        return act

    def ban(kind: str, actor_id: str) -> Callable[[], object]:
        return lambda: bans.ban(
            conversation=room,
            kind=bans.BanKind(kind),
            actor_id=actor_id,
            notes=bans.Notes(),
            performed_by=owner,
            now=timezone.now(),
        )

    results = at_once(
        *[come_in(Actor(user))] * 3,
        *[come_in(Actor(browser=browser))] * 3,
        ban("users", user.username),
        ban("guests", guest.actor_id),
    )
    assert set(results[:6]) <= {"in", "ban", "no-session"}
    assert list(room.attendees.all()) == [owner]
    assert not Session.objects.filter(conversation=room).exists()
    assert not CallLeg.objects.filter(left_at=None).exists()
    assert not Call.objects.filter(ended_at=None).exists()
