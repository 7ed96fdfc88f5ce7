"""What happened, told to whoever listens, after it was committed.

Connect a receiver to a signal as to any of Django's; it is called with ``event=``, one of the
dataclasses below, and with its class as ``sender``::

    @receiver(call_ended)
    def bill(event: CallEnded, **kwargs): ...

``call_started`` and ``call_ended`` are told exactly once for each call, even if the process dies
between the commit and the telling: they are kept in the database until told, and told inside a
transaction, so that what a receiver writes to the same database is written exactly once. (What it
does elsewhere is done at least once.) The others are told at most once, by the process that made
them happen. Within a conversation events come in order.

A receiver that raises is logged (``django.dispatch``) and hurts neither the request nor others.
Receivers run before the client gets its answer, so a slow one belongs into a task queue. As with
any signal of Django, connect a local function with ``weak=False``, or it is forgotten.
"""

from dataclasses import dataclass
from datetime import datetime

from django.dispatch import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all have in common: where, and when it really happened."""

    conversation_id: int
    token: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorEvent(Event):
    """Something that somebody did, or that was done to them; names are those of the time.

    All three are empty where nobody did it, as when the last one vanished.
    """

    actor_type: str
    actor_id: str
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(ActorEvent):
    """The first one joined. ``resumes`` is the call that ended less than 10 seconds ago, if any:

    somebody reloaded the page, and nobody wants to be told twice. A ``silent`` call is announced to
    nobody, any other to everybody but the users ``silent_for`` (by the names that clients know).
    """

    call_id: int
    resumes: int | None
    silent: bool = False
    silent_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(ActorEvent):
    """The last one left, or the call was ended; ``reason`` is a ``LegReason``."""

    call_id: int
    started_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallJoined(ActorEvent):
    """A session joined a call with ``flags`` (``InCallFlag``)."""

    call_id: int
    session_key: str
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFlagsChanged(ActorEvent):
    """A session in the call changed its flags."""

    call_id: int
    session_key: str
    flags: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRang(ActorEvent):
    """Somebody in the call wants a user to come: ``target_id`` is the attendee's primary key."""

    call_id: int
    target_id: int
    target_user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeft(ActorEvent):
    """A session is out of the call; ``reason`` is a ``LegReason``."""

    call_id: int | None
    session_key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(ActorEvent):
    """A device came online in a conversation."""

    session_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(ActorEvent):
    """A device left the conversation, was removed, or stopped pinging long ago."""

    session_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """Fields of a conversation changed: ``read_only``, ``lobby_state``, ``password``, …

    ``("attendees",)`` when somebody was added or removed, or has another role, other permissions or
    another name; ``("deleted",)`` when it is gone.
    """

    changed: tuple[str, ...]


call_started = Signal()
call_ended = Signal()
call_joined = Signal()
call_flags_changed = Signal()
call_rang = Signal()
call_left = Signal()
session_opened = Signal()
session_closed = Signal()
conversation_changed = Signal()

SIGNALS: dict[type[Event], Signal] = {
    CallStarted: call_started,
    CallEnded: call_ended,
    CallJoined: call_joined,
    CallFlagsChanged: call_flags_changed,
    CallRang: call_rang,
    CallLeft: call_left,
    SessionOpened: session_opened,
    SessionClosed: session_closed,
    ConversationChanged: conversation_changed,
}
