"""What the call page shows of a conversation before somebody is in its call."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q

from talk_calls import policies
from talk_calls.constants import MODERATOR_TYPES, InCallFlag, LegReason
from talk_calls.models import CallLeg, Session

#: Names that a visitor sees at most.
MOST_NAMES = 20

#: Sessions of moderators that are looked at.
_MOST_MODERATORS = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """A conversation as one visitor sees it.

    ``name`` is empty, ``people`` are none and ``count`` is None where the visitor may not see them
    (``policies.visitors``). ``people`` are names of different people in the call, who came first
    come first, without those who have no name; ``count`` is how many there are. ``moderator_told``
    tells that the visitor waits in the lobby, and that a moderator is in the conversation, whose
    list shows it. ``call_end`` is a ``LegReason``: why the visitor's session left the call last;
    None while it is in, and if it never was. ``session_end`` is a ``SessionEnd``: why the
    visitor has no session any more; None if there is one, or nobody knows. ``other_devices`` are
    other sessions of the visitor's account in the call. ``ban`` is what a moderator noted for
    a visitor who is banned, perhaps nothing; None for all others.
    """

    name: str
    people: tuple[str, ...]
    count: int | None
    moderator_told: bool
    call_end: str | None
    other_devices: int
    session_end: str | None = None
    ban: str | None = None


def visit(situation: policies.Situation) -> Visit:
    """Return what a visitor sees; at most four queries, however many people are there."""
    sees_callers = policies.sees_callers(situation)
    people, other_devices = _counts(situation)
    return Visit(
        name=situation.conversation.name if policies.sees_name(situation) else "",
        people=_names(situation) if sees_callers and people else (),
        count=people if sees_callers else None,
        moderator_told=_is_moderator_told(situation),
        call_end=_call_end(situation),
        other_devices=other_devices,
    )


def _live(situation: policies.Situation) -> Any:
    sessions = Session.objects.live_in_call(situation.now)
    return sessions.filter(conversation=situation.conversation).order_by()


def _counts(situation: policies.Situation) -> tuple[int, int]:
    """Return how many people are in the call, and how many other devices of the own account."""
    attendee, session = situation.participant, situation.session
    own = Q(attendee=attendee.pk if attendee and not attendee.is_guest else 0)
    found = _live(situation).aggregate(
        people=Count("attendee", distinct=True),
        others=Count("pk", filter=own & ~Q(pk=session.pk if session else 0)),
    )
    return found["people"], found["others"]


def _names(situation: policies.Situation) -> tuple[str, ...]:
    named = _live(situation).exclude(attendee__display_name="")
    people = named.values("attendee", "attendee__display_name").annotate(first=Min("pk"))
    rows = people.order_by("first")[:MOST_NAMES]
    return tuple(row["attendee__display_name"] for row in rows)


def _is_moderator_told(situation: policies.Situation) -> bool:
    if situation.session is None or policies.is_past_lobby(situation) is None:
        return False
    conversation = situation.conversation
    there = Session.objects.polling(situation.now).filter(
        conversation=conversation, attendee__participant_type__in=MODERATOR_TYPES
    )
    loaded = policies.with_users(there.select_related("attendee"), "attendee__user")
    return any(
        policies.moderates(conversation, each.attendee) for each in loaded[:_MOST_MODERATORS]
    )


def _call_end(situation: policies.Situation) -> str | None:
    session = situation.session
    if session is None:
        return None
    if session.in_call != InCallFlag.DISCONNECTED:
        return LegReason.TIMEOUT if session.has_timed_out(situation.now) else None
    # Only calls since the session was opened, of which an index knows.
    since = Q(call__ended_at=None) | Q(call__ended_at__gte=session.created_at)
    legs = CallLeg.objects.filter(since, call__conversation=situation.conversation)
    ended = legs.filter(session_key=session.key).exclude(left_at=None)
    return ended.order_by("-left_at", "-pk").values_list("reason", flat=True).first()
