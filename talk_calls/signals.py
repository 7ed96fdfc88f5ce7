"""Signals that report what happened in conversations and calls, after the commit.

Connect a receiver as to any signal of Django. It is called with ``event=``, an instance of one of
the dataclasses below, and with its class as ``sender``::

    @receiver(call_ended)
    def bill(event: CallEnded, **kwargs): ...

``call_started``, ``call_ended`` and ``call_missed`` are sent even if the process is killed after
the commit: they are stored in the database, and then sent and deleted in one transaction. What a
receiver writes to the same database is therefore written exactly once for each call; what it does
elsewhere is done at least once. The other events are sent at most once, by the process that caused
them. Events of a
conversation are sent in order.

An exception in a receiver is logged (``django.dispatch``) and affects neither the request nor other
receivers. Receivers run before the client gets its response, so slow work belongs into a task
queue. As with any signal of Django, connect a local function with ``weak=False``, since Django
otherwise keeps only a weak reference to it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.dispatch import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events; ``at`` is when it happened, which may be long before it is sent."""

    conversation_id: int
    token: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorEvent(Event):
    """An event with an actor, named as clients knew the actor at the time.

    All three fields are empty if nobody caused the event, as when a call times out.
    """

    actor_type: str
    actor_id: str
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(ActorEvent):
    """The first session joined a call.

    ``resumes`` is the primary key of a call that ended less than 10 seconds before, if any: a page
    was reloaded, and users should not be notified twice. A ``silent`` call is announced to nobody,
    any other to everybody but the users ``silent_for`` (user ids).
    """

    call_id: int
    resumes: int | None
    silent: bool = False
    silent_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(ActorEvent):
    """The last session left, or the call was ended; ``reason`` is a ``LegReason``."""

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
    """A session in the call changed its flags; ``before`` are the earlier ones."""

    call_id: int
    session_key: str
    flags: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRang(ActorEvent):
    """A participant of the call, or the site for one of its users, wants a user in the call.

    ``target_id`` is the primary key of the attendee, ``target_user`` the user id, and ``user_pk``
    the primary key of the user as text. ``call_id`` is None if the site rings while no call is
    running.
    """

    call_id: int | None
    target_id: int
    target_user: str
    user_pk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMissed(ActorEvent):
    """A call ended that members were asked to join and did not; sent once per call, if there are.

    ``user_pks`` are the primary keys of these users as text, for a query with ``pk__in``, and
    ``user_ids`` their user ids in the same order: everybody who was rung, and all to whom the start
    was announced and who could come in. The actor is who started the call, and ``at`` when it
    ended.
    """

    call_id: int
    started_at: datetime
    user_pks: tuple[str, ...]
    user_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeft(ActorEvent):
    """A session left the call or was taken out of it; ``reason`` is a ``LegReason``."""

    call_id: int | None
    session_key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(ActorEvent):
    """A session was opened: a device is online in a conversation."""

    session_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(ActorEvent):
    """A session was closed: its device left or was removed, or the session expired."""

    session_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationCreated(ActorEvent):
    """A conversation was created; the actor is empty if the site did it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """Fields of a conversation changed: ``read_only``, ``lobby_state``, ``password``, …

    ``changed`` is ``("attendees",)`` if attendees were added or removed, or have another role,
    other permissions or another name, and ``("deleted",)`` if the conversation was deleted.
    """

    changed: tuple[str, ...]

    @property
    def is_deletion(self) -> bool:
        """Tell whether the conversation was deleted."""
        return self.changed == ("deleted",)


call_started = Signal()
call_ended = Signal()
call_joined = Signal()
call_flags_changed = Signal()
call_rang = Signal()
call_missed = Signal()
call_left = Signal()
session_opened = Signal()
session_closed = Signal()
conversation_created = Signal()
conversation_changed = Signal()

SIGNALS: dict[type[Event], Signal] = {
    CallStarted: call_started,
    CallEnded: call_ended,
    CallJoined: call_joined,
    CallFlagsChanged: call_flags_changed,
    CallRang: call_rang,
    CallMissed: call_missed,
    CallLeft: call_left,
    SessionOpened: session_opened,
    SessionClosed: session_closed,
    ConversationCreated: conversation_created,
    ConversationChanged: conversation_changed,
}
