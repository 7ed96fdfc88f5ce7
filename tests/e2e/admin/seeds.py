"""Rows that the admin shows, made within the site that shows them (see ``conftest.seed``)."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from talk_calls.constants import ActorType, ConversationType, LegReason, ParticipantType
from talk_calls.host import clock
from talk_calls.models import (
    Attendee,
    Call,
    CallLeg,
    Conversation,
    OutboxEvent,
    Session,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookStream,
)
from talk_calls.services import app_passwords, bans, calls, creation, participants
from talk_calls.services.sessions import generate_session_id
from talk_calls.webhook_values import new_secret
from talk_calls.webhooks.delivery import deliver_once


def empty() -> None:
    """Forget all that the app keeps; ten thousand calls take too long one by one."""
    with transaction.atomic():  # in which no order of the tables matters
        for model in apps.get_app_config("talk_calls").get_models(include_auto_created=True):
            model._base_manager.all()._raw_delete(DEFAULT_DB_ALIAS)


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


def long_call(people: int) -> None:
    """Make a call of two hours yesterday, which people left for all kinds of reasons.

    Everybody comes twice; the last who are in are sent home.
    """
    start = (clock.now() - timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    end = start + timedelta(hours=2)
    call = Call.objects.create(
        conversation_name="Long <meeting>",
        started_at=start,
        ended_at=end,
        end_reason=LegReason.ENDED_FOR_ALL,
        ended_by_name="Person 1",
        flags=15,
    )
    hour = timedelta(hours=1)
    CallLeg.objects.bulk_create(
        CallLeg(
            call=call,
            session_key=f"{person}" if person % 4 else f"{person} {again}",
            actor_type="users" if person % 3 else "guests",
            actor_id=f"person{person}",
            display_name=f"Person {person}",
            joined_at=start + again * hour + timedelta(minutes=person % 20),
            left_at=end if again and person % 2 else start + again * hour + _STAY[person % 3],
            reason=_REASONS[5 if again and person % 2 else person % 5],
            flags=7 if person % 2 else 9,
        )
        for person in range(people)
        for again in range(2)
    )


_STAY = [timedelta(minutes=minutes) for minutes in (25, 40, 55)]
_REASONS = [
    LegReason.LEFT,
    LegReason.TIMEOUT,
    LegReason.REMOVED,
    LegReason.LOBBY,
    LegReason.REPLACED,
    LegReason.ENDED_FOR_ALL,
]


def lobby_up() -> None:
    """Let bob be a member of a conversation whose lobby is up."""
    bob, _ = get_user_model().objects.get_or_create(username="bob")
    standup = Conversation.objects.create(
        token="standup", type=ConversationType.GROUP, name="Stand-up", lobby_state=1
    )
    Attendee.objects.create(conversation=standup, user=bob, display_name="Bob")


def meeting(people: int, name: str = "Weekly meeting") -> None:
    """Make a conversation whose call has this many users and one guest; an hour will not end it."""
    users = [_user(f"user{number:04}") for number in range(people)]
    room = creation.create(
        kind=ConversationType.PUBLIC, name=name, owner=users[0], token="weekly0meeting"
    )
    attendees = [participants.add_user(conversation=room, user=user) for user in users]
    attendees.append(
        Attendee.objects.create(
            conversation=room,
            actor_type=ActorType.GUESTS,
            actor_id="0" * 40,
            display_name="Gina Guest",
            participant_type=ParticipantType.GUEST,
        )
    )
    for attendee in attendees[-12:]:
        _join(attendee)
    app_passwords.create(user=users[0], name="Phone of user0000")


def banned() -> None:
    """Ban somebody from a conversation, or from a new one, with a note, and lock it."""
    room = Conversation.objects.first() or creation.create(
        kind=ConversationType.PUBLIC, name="Trouble", owner=_user("user0000"), token="trouble"
    )
    attendee = participants.add_user(conversation=room, user=_user("troublemaker"))
    notes = bans.Notes("The same advertisement for the third time, to everybody who was there")
    bans.ban_attendee(attendee=attendee, notes=notes, now=clock.now())


def _user(name: str) -> Any:
    return get_user_model().objects.get_or_create(username=name)[0]


def _join(attendee: Attendee) -> None:
    session = Session.objects.create(
        session_id=generate_session_id(),
        attendee=attendee,
        conversation=attendee.conversation,
        last_ping=timezone.now() + timedelta(hours=1),
    )
    calls.join(session=session, flags=7, now=timezone.now())


def year() -> None:
    """Make up a small year."""
    call_command("talk_simulate", "clean", verbosity=0)
    call_command("talk_simulate", "year", calls=600, seed=1, verbosity=0)


def abandoned_call() -> None:
    """Make a call from which everybody vanished three hours ago, at a site without a sweeper."""
    meeting(1, "Abandoned")
    past = timezone.now() - timedelta(hours=3)
    Session.objects.update(last_ping=past)
    Call.objects.update(started_at=past)
    CallLeg.objects.update(joined_at=past)


def webhooks(deliveries: int, url: str = "https://billing.example/talk") -> None:
    """Make an endpoint in each state, the first of which was sent so many events."""
    now = timezone.now()
    made = WebhookEndpoint.objects.bulk_create(
        [
            WebhookEndpoint(name="Billing", url=url, last_success_at=now, secret=new_secret()),
            WebhookEndpoint(
                name="Attendance of the northern branch",
                url="https://attendance.north.example.org/hooks/talk/v1?key=secret",
                event_types=["call.joined", "call.left"],
                failing_since=now - timedelta(hours=3),
                secret=new_secret(),
            ),
            WebhookEndpoint(
                name="Old archive",
                url="https://archive.example/talk",
                is_enabled=False,
                disabled_reason="failing",
                failing_since=now - timedelta(days=5),
                secret=new_secret(),
            ),
            WebhookEndpoint(
                name="Compliance", url="https://audit.example/in", is_from_settings=True
            ),
        ]
    )
    events = OutboxEvent.objects.bulk_create(
        OutboxEvent(
            conversation_id=1,
            conversation_token="weekly0meeting",
            type=("call.started", "call.joined", "call.ended")[number % 3],
            at=now - timedelta(minutes=deliveries - number),
            created_at=now,
            payload={"call_id": number, "name": "Weekly meeting"},
        )
        for number in range(deliveries)
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=made[0],
            event=event,
            conversation_id=1,
            number=number,
            last_attempt_at=now,
            **_BECAME[number % 4],
        )
        for number, event in enumerate(events, start=1)
    )


_BECAME: list[dict[str, Any]] = [
    {"state": "delivered", "attempts": 1, "status_code": 204, "duration": 0.12},
    {"state": "delivered", "attempts": 3, "status_code": 200, "response": "ok", "duration": 0.3},
    {"state": "pending", "attempts": 2, "error": "No answer in time: 10 s", "duration": 10.0},
    {
        "state": "dead",
        "attempts": 12,
        "status_code": 500,
        "error": "HTTP 500",
        "response": "<html><h1>Internal Server Error</h1>\nThe database is away.</html>",
        "duration": 0.2,
    },
]


def happen() -> None:
    """Write an event for webhooks, as services do."""
    OutboxEvent.objects.create(
        conversation_id=1,
        conversation_token="weekly0meeting",
        type="call.started",
        at=timezone.now(),
        payload={"call_id": 1},
        for_webhooks=True,
    )


def deliver(give_up: bool = False) -> None:
    """Send what is due; ``give_up`` makes dead letters of what was refused, which takes days."""
    deliver_once(seconds=5)
    if give_up:
        WebhookDelivery.objects.pending().update(state="dead", next_attempt_at=None)
        WebhookStream.objects.update(due_at=None)
