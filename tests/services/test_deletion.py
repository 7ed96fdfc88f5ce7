"""Rows that the host deletes by itself: calls end as the services end them, and history stays."""

import pytest
from django.db import connection, transaction
from django.db.models.deletion import Collector
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import LegReason
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import calls
from talk_calls.signals import CallEnded, CallLeft, ConversationChanged, SessionClosed
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.times import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def deleted(sent, committed, time_machine):
    """Return a function that runs a deletion ten seconds after all began."""

    def run(delete):
        sent.clear()
        time_machine.move_to(at(10), tick=False)
        with committed():
            delete()

    return run


def call_of(*names: str) -> Conversation:
    """Return a conversation with these people in its call."""
    room = ConversationFactory(name="Weekly")
    for name in names:
        attendee = AttendeeFactory(
            conversation=room, user__username=f"{name}-{room.pk}", display_name=name
        )
        calls.join(session=SessionFactory(attendee=attendee, last_ping=at(0)), flags=7, now=at(0))
    return room


def cascade(*rows) -> None:
    """Delete rows as Django does for a row of the host that they belong to."""
    collector = Collector(using="default", origin=UserFactory())
    for some in rows:
        collector.collect(some)
    collector.delete()


WAYS = {
    "queryset": lambda room: Conversation.objects.filter(pk=room.pk).delete(),
    "all": lambda room: Conversation.objects.all().delete(),
    "instance": lambda room: room.delete(),
    "cascade": lambda room: cascade(Conversation.objects.filter(pk=room.pk)),
}


@pytest.mark.parametrize("way", WAYS)
def test_deleted_conversation(sent, deleted, way):
    """The call ended, everybody left it then, and it keeps the name of what is gone."""
    room = call_of("Alice", "Ben")
    AttendeeFactory(conversation=room)
    call = Call.objects.get()
    deleted(lambda: WAYS[way](room))
    assert not Conversation.objects.exists()
    assert not Attendee.objects.exists()
    assert not Session.objects.exists()
    call.refresh_from_db()
    assert (call.conversation_id, call.conversation_name) == (None, "Weekly")
    assert (call.ended_at, call.ended_by_id) == (at(10), "")
    # Django goes from leaf to root: in a cascade it is the attendees who go first.
    reason = LegReason.REMOVED if way == "cascade" else LegReason.CONVERSATION_DELETED
    assert call.end_reason == reason
    assert set(call.legs.values_list("left_at", "reason")) == {(at(10), reason)}
    kinds = [type(event) for event in sent]
    assert [kinds.count(kind) for kind in (CallLeft, CallEnded, SessionClosed)] == [2, 1, 2]
    assert (type(sent[-1]), sent[-1].changed) == (ConversationChanged, ("deleted",))


def test_many_conversations():
    """Each costs a few statements, however many people are in."""

    def cost(rooms: int, *names: str) -> int:
        for _ in range(rooms):
            call_of(*names)
        with CaptureQueriesContext(connection) as asked:
            Conversation.objects.all().delete()
        return len(asked)

    one = cost(1, "Alice", "Ben")
    many = cost(4, "Alice", "Ben", "Cleo", "Dan")
    assert many - one <= 3 * 11
    assert not Call.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("at_once", [True, False])
def test_deleted_attendees(sent, deleted, at_once):
    """The call continues without the deleted attendees, and ends with the last one."""
    room = call_of("Alice", "Ben", "Cleo")
    alice, ben, cleo = Attendee.objects.order_by("pk")
    deleted(ben.delete)
    call = Call.objects.get()
    assert call.ended_at is None
    assert call.legs.get(display_name="Ben").reason == LegReason.REMOVED
    assert [type(event) for event in sent] == [CallLeft, SessionClosed, ConversationChanged]
    rest = Attendee.objects.filter(pk__in=[alice.pk, cleo.pk])
    if at_once:
        deleted(rest.delete)
    else:
        deleted(alice.delete)
        deleted(cleo.delete)
    call.refresh_from_db()
    assert (call.ended_at, call.end_reason, call.conversation) == (at(10), "removed", room)
    assert not call.legs.filter(left_at=None).exists()
    assert [type(event) for event in sent].count(CallEnded) == 1


@pytest.mark.parametrize("way", ["instance", "queryset", "cascade"])
def test_deleted_user(sent, deleted, way):
    """A deleted user is out of the call; with the last one the conversation is deleted too."""
    room = call_of("Alice", "Ben")
    alice, ben = (attendee.user for attendee in Attendee.objects.order_by("pk"))
    users = type(alice).objects

    def delete(user):
        if way == "instance":
            user.delete()
        elif way == "queryset":
            users.filter(pk=user.pk).delete()
        else:
            cascade(users.filter(pk=user.pk))

    deleted(lambda: delete(alice))
    assert list(room.attendees.values_list("user", flat=True)) == [ben.pk]
    assert Call.objects.get().ended_at is None
    deleted(lambda: delete(ben))
    call = Call.objects.get()
    assert (call.end_reason, call.conversation) == (LegReason.CONVERSATION_DELETED, None)
    assert set(CallLeg.objects.values_list("user", "left_at")) == {(None, at(10))}
    assert [type(event) for event in sent].count(CallEnded) == 1


def test_deleted_sessions_are_out(deleted):
    """Without a row nobody is in; the record follows when the call ends for the others."""
    call_of("Alice", "Ben")
    alice, ben = Session.objects.order_by("pk")
    deleted(alice.delete)
    calls.leave(session=ben, now=at(10))
    call = Call.objects.get()
    assert call.end_reason == LegReason.LEFT
    assert not call.legs.filter(left_at=None).exists()


def test_rolled_back(sent, deleted):
    """A deletion that fails later never happened, and may be done again."""
    room = call_of("Alice")

    def fail():
        with transaction.atomic():
            room.delete()
            transaction.set_rollback(True)

    deleted(fail)
    assert sent == []
    assert Call.objects.get().ended_at is None
    deleted(Conversation.objects.all().delete)
    assert Call.objects.get().ended_at == at(10)


def test_a_deletion_without_an_origin(deleted, sent):
    """A collector of a host's own does not name one; the call ends all the same."""
    room = call_of("Alice")
    collector = Collector(using=connection.alias)
    collector.collect([room])
    deleted(collector.delete)
    assert CallLeg.objects.get().reason == LegReason.REMOVED
    assert Call.objects.get().ended_at is not None
    assert CallEnded in map(type, sent)
