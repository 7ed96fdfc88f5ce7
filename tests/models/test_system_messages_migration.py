"""Migration 0017: messages of past calls are made of their records."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ConversationType, LegReason, ReadOnly
from talk_calls.models import Call, CallLeg, SystemMessage
from talk_calls.services import calls, conversations, locking
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, SessionFactory
from tests.times import START, at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(START, tick=False)


def fill():
    """Do what the migration does when it is applied."""
    migration = import_module("talk_calls.migrations.0017_system_messages")
    with connection.schema_editor() as editor:
        migration.tell_past_calls(apps, editor)


def stored(*conversations) -> list[tuple]:
    """Return all that is said in each conversation, by id; only of calls."""
    return [
        (message.kind, message.at, message.actor_id, message.display_name, message.details)
        for conversation in conversations
        for message in conversation.system_messages.filter(kind__startswith="call_")
    ]


def online(attendee, seconds):
    return SessionFactory(attendee=attendee, last_ping=at(seconds))


def hold_calls(room, pair):
    """Let a call end by leaving, by a moderator, by a lock, by a timeout and with one person."""
    boss = AttendeeFactory(conversation=room, participant_type=1, display_name="Boss")
    guest = GuestFactory(conversation=room, display_name="Gus")
    first, second = online(boss, 0), online(guest, 0)
    calls.join(session=first, flags=7, now=at(0))
    calls.join(session=second, flags=3, now=at(1))
    calls.leave(session=second, now=at(5))
    calls.leave(session=first, now=at(9.5))
    caller = online(AttendeeFactory(conversation=pair, participant_type=1), 10)
    calls.join(session=caller, flags=7, now=at(10))
    calls.leave(session=caller, now=at(11))
    for session, second_ in ((first, 12), (second, 13)):
        calls.join(session=session, flags=7, now=at(second_))
    calls.end_for_all(session=first, now=at(14))
    for session, second_ in ((first, 15), (second, 16)):
        calls.join(session=session, flags=7, now=at(second_))
    conversations.set_read_only(
        conversation=room, state=ReadOnly.READ_ONLY, now=at(17), performed_by=boss
    )
    conversations.set_read_only(conversation=room, state=ReadOnly.READ_WRITE, now=at(18))
    calls.join(session=first, flags=7, now=at(19))
    with locking.locked(room.pk, now=at(100)):
        pass
    calls.join(session=online(boss, 110), flags=7, now=at(110))


def test_messages_of_past_calls_are_those_that_services_would_have_written():
    """Kinds, times, actors and details, in the same order; also of a call that is running."""
    room, pair = ConversationFactory(), ConversationFactory(type=ConversationType.ONE_TO_ONE)
    hold_calls(room, pair)
    written = stored(room, pair)
    assert len(written) == 18
    SystemMessage.objects.all().delete()
    fill()
    assert stored(room, pair) == written


def test_calls_of_deleted_conversations_are_left_out():
    """Their history stays, and nobody can read a chat of them."""
    Call.objects.create(
        conversation=None, started_at=at(0), ended_at=at(1), end_reason=LegReason.LEFT
    )
    fill()
    assert not SystemMessage.objects.exists()


def test_many_legs_take_few_statements():
    """A batch of calls takes two queries, and the messages one INSERT for a thousand."""
    make_history(calls_=1200, legs_each=2)
    with CaptureQueriesContext(connection) as captured:
        fill()
    words = [query["sql"].split()[0] for query in captured]
    assert words.count("SELECT") == 1 + 2 * 3
    # SQLite takes some hundred values in one statement.
    most = 7 if connection.vendor == "postgresql" else 60
    assert words.count("INSERT") <= most
    ids = SystemMessage.objects.order_by("pk").values_list("conversation", "at")
    by_room: dict = {}
    for room, moment in ids:
        assert by_room.get(room, moment) <= moment
        by_room[room] = moment
    assert len(ids) == 1200 * 5


def make_history(*, calls_, legs_each):
    """Make ended calls of ten conversations, each with as many legs of different users."""
    rooms = [ConversationFactory() for _ in range(10)]
    made = Call.objects.bulk_create(
        Call(
            conversation=rooms[number % 10],
            started_at=at(number * 60),
            ended_at=at(number * 60 + 30),
            end_reason=LegReason.LEFT,
        )
        for number in range(calls_)
    )
    CallLeg.objects.bulk_create(
        CallLeg(
            call=call,
            session_key=f"{call.pk}/{number}",
            actor_type="users",
            actor_id=f"user{number}",
            display_name=f"User {number}",
            joined_at=call.started_at + timedelta(seconds=number / legs_each),
            left_at=call.ended_at,
            reason=LegReason.LEFT,
            flags=7,
        )
        for call in made
        for number in range(legs_each)
    )
