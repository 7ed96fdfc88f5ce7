"""Conversations whose people join, leave and time out at given times."""

from datetime import UTC, datetime, timedelta

import time_machine

from talk_calls.models import Session
from talk_calls.services import calls
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory

#: Some moment; tests give times in seconds from here.
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Meeting:
    """A conversation with people by name, who keep pinging until they time out."""

    def __init__(self, **terms):
        self.conversation = ConversationFactory(**terms)
        self.people = {}
        self.devices = {}

    def join(self, name: str, seconds: float, *, device: str = "", flags: int = 7) -> Session:
        attendee = self.people.get(name) or AttendeeFactory(
            conversation=self.conversation, display_name=name
        )
        self.people[name] = attendee
        key = name + device
        if key not in self.devices:
            self.devices[key] = SessionFactory(attendee=attendee, last_ping=at(seconds))
        self.ping(at(seconds))
        session = Session.objects.get(pk=self.devices[key].pk)
        with time_machine.travel(at(seconds), tick=False):
            calls.join(session=session, flags=flags, now=at(seconds))
        return session

    def leave(self, name: str, seconds: float, *, device: str = "") -> None:
        self.ping(at(seconds))
        session = Session.objects.get(pk=self.devices[name + device].pk)
        with time_machine.travel(at(seconds), tick=False):
            calls.leave(session=session, now=at(seconds))

    def time_out(self, name: str, seconds: float, *, device: str = "") -> None:
        """Have a device ping at that time, and never again."""
        session = self.devices.pop(name + device)
        Session.objects.filter(pk=session.pk).update(last_ping=at(seconds))

    def ping(self, now: datetime) -> None:
        alive = [session.pk for session in self.devices.values()]
        Session.objects.filter(pk__in=alive).update(last_ping=now)
