"""Messages about what happened in conversations and their calls, for the read-only chat.

Services say who was added, removed or promoted (``LockedConversation.add_message``). What happens
in calls is made here of the events of the transaction, and what was set of the settings before and
after it, whatever caused them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Case, Count, Max, Min, Sum, When, Window

from talk_calls import signals
from talk_calls.constants import (
    ActorType,
    ConversationType,
    LegReason,
    Listable,
    LobbyState,
    ReadOnly,
    SystemMessageKind,
)
from talk_calls.models import Attendee, CallLeg, Conversation, SystemMessage
from talk_calls.services.events import Identity, identity

if TYPE_CHECKING:
    from talk_calls.services.locked_conversation import LockedConversation

#: Rows that one statement inserts at most.
_BATCH = 1000

#: Users whom the message about the end of a call names.
_MOST_NAMED = 5

#: What is said of guests; how they come and go is not.
_ABOUT_GUESTS = (
    SystemMessageKind.GUEST_MODERATOR_PROMOTED,
    SystemMessageKind.GUEST_MODERATOR_DEMOTED,
)

#: Reasons for which everybody has to go at once: one message stands for all who went.
_FOR_EVERYBODY = frozenset(
    {LegReason.ENDED_FOR_ALL, LegReason.READ_ONLY, LegReason.LOBBY, LegReason.MAX_DURATION}
)


_READ_ONLY = {
    ReadOnly.READ_ONLY: SystemMessageKind.READ_ONLY,
    ReadOnly.READ_WRITE: SystemMessageKind.READ_ONLY_OFF,
}
_LISTABLE = {
    Listable.PARTICIPANTS: SystemMessageKind.LISTABLE_NONE,
    Listable.USERS: SystemMessageKind.LISTABLE_USERS,
    Listable.EVERYONE: SystemMessageKind.LISTABLE_ALL,
}
_LOBBY = {
    LobbyState.NONE: SystemMessageKind.LOBBY_NONE,
    LobbyState.NON_MODERATORS: SystemMessageKind.LOBBY_NON_MODERATORS,
}
_TYPES = {
    ConversationType.PUBLIC: SystemMessageKind.GUESTS_ALLOWED,
    ConversationType.GROUP: SystemMessageKind.GUESTS_DISALLOWED,
}

#: What a message says of a new value of a field of the conversation.
_SETTINGS: Mapping[str, Callable[[Any], SystemMessageKind]] = {
    "name": lambda _name: SystemMessageKind.CONVERSATION_RENAMED,
    "description": lambda text: (
        SystemMessageKind.DESCRIPTION_SET if text else SystemMessageKind.DESCRIPTION_REMOVED
    ),
    "password": lambda hashed: (
        SystemMessageKind.PASSWORD_SET if hashed else SystemMessageKind.PASSWORD_REMOVED
    ),
    "type": lambda kind: _TYPES[kind],
    "read_only": lambda state: _READ_ONLY[state],
    "listable": lambda scope: _LISTABLE[scope],
    "lobby_state": lambda state: _LOBBY[state],
}


class Person(TypedDict):
    """Somebody as ``details`` name them: actor type, id and name as clients know them."""

    type: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _People:
    """Who was in a call: how many people, how many of them users, and the users who came first."""

    number: int
    users: int
    first_users: list[Identity]


def person(attendee: Attendee) -> Person:
    """Return an attendee for ``details``; ``user`` of the attendee is loaded.

    The id of a group is its name, by which clients know it.
    """
    who = _named(identity(attendee))
    return {**who, "id": who["name"]} if attendee.actor_type == ActorType.GROUPS else who


def _named(who: Identity) -> Person:
    return Person(type=who["actor_type"], id=who["actor_id"], name=who["display_name"])


def new(
    conversation: Conversation,
    kind: SystemMessageKind,
    by: Attendee | None,
    *,
    at: datetime,
    **details: Any,
) -> SystemMessage:
    """Return a message that is not saved; None as ``by`` is nobody."""
    return SystemMessage(
        conversation=conversation, kind=kind, at=at, details=details, **identity(by)
    )


def rename_guest(guest: Attendee) -> None:
    """Give a guest their new name in the messages since they came, as actor and as who it is about.

    The messages are those of their conversation, which is locked. Two statements, and one more if
    somebody promoted or demoted them.
    """
    messages = SystemMessage.objects.filter(
        conversation=guest.conversation_id, at__gte=guest.created_at
    )
    acted = messages.filter(actor_type=guest.actor_type, actor_id=guest.actor_id)
    acted.update(display_name=guest.display_name)
    about = list(messages.filter(kind__in=_ABOUT_GUESTS, details__user__id=guest.actor_id))
    for message in about:
        message.details = {"user": person(guest)}
    SystemMessage.objects.bulk_update(about, ["details"])


def store(locked: "LockedConversation", before: Mapping[str, Any]) -> None:
    """Store the messages of a transaction, in the order in which things happened, at once.

    ``before`` are the fields of the conversation as they were. One that was deleted gets no
    messages.
    """
    events = locked.events
    if any(
        isinstance(event, signals.ConversationChanged) and event.is_deletion for event in events
    ):
        return
    # Causes come first: that somebody was removed is why they left the call.
    messages = [
        *_of_settings(locked, before),
        *locked.messages,
        *_of_events(locked.conversation, events),
    ]
    if messages:
        messages.sort(key=lambda message: message.at)
        SystemMessage.objects.bulk_create(messages, batch_size=_BATCH)


def _of_settings(locked: "LockedConversation", before: Mapping[str, Any]) -> list[SystemMessage]:
    """Say which settings ``performed_by`` changed; those of one-to-ones are not theirs to set."""
    conversation = locked.conversation
    if conversation.is_one_to_one:
        return []
    changed = [field for field in _SETTINGS if getattr(conversation, field) != before[field]]
    return [
        new(
            conversation,
            _SETTINGS[field](getattr(conversation, field)),
            locked.performed_by,
            at=locked.now,
            **({"name": conversation.name} if field == "name" else {}),
        )
        for field in changed
    ]


def _of_events(
    conversation: Conversation, events: Sequence[signals.Event]
) -> Iterator[SystemMessage]:
    """Make the messages of what happened in calls.

    Who starts a call does not join it as well, and whoever goes because everybody has to does not
    leave: those are one message each (behaviour 4.3/4, 5).
    """
    started = {each.call_id for each in events if isinstance(each, signals.CallStarted)}
    ended = {
        (each.call_id, each.reason)
        for each in events
        if isinstance(each, signals.CallEnded) and each.reason in _FOR_EVERYBODY
    }
    for event in events:
        match event:
            case signals.CallStarted():
                yield _message(conversation, SystemMessageKind.CALL_STARTED, event)
            case signals.CallJoined() if event.call_id not in started:
                yield _message(conversation, SystemMessageKind.CALL_JOINED, event)
            case signals.CallLeft() if (event.call_id, event.reason) not in ended:
                yield _message(conversation, SystemMessageKind.CALL_LEFT, event)
            case signals.CallEnded():
                yield _end(conversation, event)


def _message(
    conversation: Conversation,
    kind: SystemMessageKind,
    event: signals.ActorEvent,
    **facts: Any,
) -> SystemMessage:
    who = Identity(
        actor_type=event.actor_type, actor_id=event.actor_id, display_name=event.display_name
    )
    return SystemMessage(conversation=conversation, kind=kind, at=event.at, **{**who, **facts})


def _end(conversation: Conversation, event: signals.CallEnded) -> SystemMessage:
    """Say how a call ended, with whom and how long it was; one query.

    A one-to-one call into which only one came was missed by the other, whoever ended it, and is a
    message of the one who called.
    """
    people = _people_of(event.call_id)
    if conversation.is_one_to_one and people.users == 1 == people.number:
        return _message(conversation, SystemMessageKind.CALL_MISSED, event, **people.first_users[0])
    is_for_everybody = event.reason in _FOR_EVERYBODY and event.actor_type
    return _message(
        conversation,
        SystemMessageKind.CALL_ENDED_EVERYONE if is_for_everybody else SystemMessageKind.CALL_ENDED,
        event,
        details=_end_details(event.at - event.started_at, people),
    )


def _end_details(duration: timedelta, people: _People) -> dict[str, Any]:
    """Return the duration in whole seconds, and who was there: some users, and how many of all."""
    return {
        "duration": int(duration.total_seconds()),
        "people": [_named(each) for each in people.first_users],
        "users": people.users,
        "guests": people.number - people.users,
    }


def _people_of(call_id: int) -> _People:
    """Return who was in a call, each once; one query of a few rows, however many there were."""
    is_user = Case(When(actor_type=ActorType.USERS, then=1), default=0)
    legs = CallLeg.objects.filter(call=call_id).order_by()
    people = legs.values("actor_type", "actor_id").annotate(
        name=Max("display_name"),
        came_at=Min("joined_at"),
        first=Min("pk"),
        # Over the groups of the query, which are people, and before it is cut.
        number=Window(Count("*")),
        users=Window(Sum(is_user)),
    )
    found = list(people.order_by(is_user.desc(), "came_at", "first")[:_MOST_NAMED])
    return _People(
        number=found[0]["number"] if found else 0,
        users=found[0]["users"] if found else 0,
        first_users=[
            Identity(
                actor_type=each["actor_type"], actor_id=each["actor_id"], display_name=each["name"]
            )
            for each in found
            if each["actor_type"] == ActorType.USERS
        ],
    )
