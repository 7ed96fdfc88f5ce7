"""Rows that the admin shows, made within the site that shows them (see ``conftest.seed``)."""

from datetime import timedelta

from talk_calls import clock
from talk_calls.constants import LegReason
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session


def empty() -> None:
    """Forget all conversations and calls."""
    Conversation.objects.all().delete()
    Call.objects.all().delete()


def live_calls(calls: int, *, people: int = 2) -> None:
    """Make so many calls that go on, of so many guests each, begun within the last 20 hours.

    They stay live for an hour, though nobody pings.
    """
    now = clock.now()
    rooms = Conversation.objects.bulk_create(
        Conversation(
            token=f"live{number:06}",
            name=f"Meeting {number}",
            type=2 + number % 2,
            last_activity_at=now,
        )
        for number in range(calls)
    )
    starts = [now - timedelta(seconds=60 + number * 72_000 / calls) for number in range(calls)]
    begun = Call.objects.bulk_create(
        Call(conversation=room, conversation_name=room.name, started_at=start, flags=7)
        for room, start in zip(rooms, starts, strict=True)
    )
    guests = Attendee.objects.bulk_create(
        Attendee(
            conversation=room,
            actor_type="guests",
            actor_id=f"{room.pk:08x}{seat:032x}",
            display_name=f"Guest {seat} of {room.name}",
            participant_type=4,
        )
        for room in rooms
        for seat in range(people)
    )
    sessions = Session.objects.bulk_create(
        Session(
            session_id=f"{number:0512}",
            attendee=guest,
            conversation=guest.conversation,
            in_call=(1, 3, 7)[number % 3],
            last_ping=now + timedelta(hours=1),
        )
        for number, guest in enumerate(guests)
    )
    CallLeg.objects.bulk_create(
        CallLeg(
            call=begun[number // people],
            session_key=session.key,
            actor_type=session.attendee.actor_type,
            actor_id=session.attendee.actor_id,
            display_name=session.attendee.display_name,
            joined_at=starts[number // people],
            flags=session.in_call,
        )
        for number, session in enumerate(sessions)
    )


def end_one() -> None:
    """Have the newest call end, as its people left."""
    call = Call.objects.filter(ended_at=None).order_by("-started_at").first()
    call.conversation.sessions.update(in_call=0)
    now = clock.now()
    call.legs.update(left_at=now, reason=LegReason.LEFT)
    Call.objects.filter(pk=call.pk).update(ended_at=now, end_reason=LegReason.LEFT)
