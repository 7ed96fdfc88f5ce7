"""Sessions that are connected to the HPB, and what one of these would know about them."""

import itertools
from collections import defaultdict
from datetime import timedelta

from django.utils import timezone

from talk_calls.hpb.arrivals import session_connected
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.policies import Situation
from talk_calls.services import calls
from tests.factories import AttendeeFactory, SessionFactory

LONG_AGO = timedelta(minutes=5)

_numbers = itertools.count()


def connect(
    room: Conversation, attendee: Attendee | None = None, *, session_id: str = ""
) -> Session:
    """Let somebody into a conversation who is connected to the HPB, for some time."""
    attendee = attendee or AttendeeFactory(conversation=room)
    session_id = session_id or f"device {next(_numbers)}"
    session = SessionFactory(attendee=attendee, session_id=session_id)
    reconnect(session, ago=LONG_AGO)
    return session


def reconnect(session: Session, *, ago: timedelta = timedelta(0)) -> None:
    """Connect a session, some time ago; all that the HPB knew about it is forgotten."""
    now = timezone.now()
    found = Session.objects.select_related("attendee__user", "conversation").get(pk=session.pk)
    has_call = found.conversation.calls.filter(ended_at=None).exists()
    situation = Situation(found.conversation, found.attendee, found, has_call, now)
    session_connected(situation, now - ago)


def join(session: Session, flags: int = 7) -> None:
    calls.join(session=session, flags=flags, now=timezone.now())


def leave(session: Session) -> None:
    calls.leave(session=session, now=timezone.now())


def in_call(told: list[tuple[str, str, dict]]) -> dict[str, int]:
    """Return who is in a call by messages, with flags, as the HPB takes them."""
    calls: dict[str, dict[str, int]] = defaultdict(dict)
    for token, kind, content in told:
        if kind == "incall" and content.get("all"):
            calls[token].clear()
        elif kind == "incall":
            calls[token] |= {row["sessionId"]: row["inCall"] for row in content["changed"]}
    return {who: flags for call in calls.values() for who, flags in call.items() if flags}


def stored_in_call() -> dict[str, int]:
    """Return who is in a call, with flags, as the site has it."""
    return dict(Session.objects.in_call().values_list("session_id", "in_call"))
