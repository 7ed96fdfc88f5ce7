"""Recording who moderated what, from where and why, in the transaction of the change.

What was set of the settings of a conversation, and that a call was ended for everybody, is found
here when the lock is released. Whom something was done to, services say: by the message that the
chat has of it (``LockedConversation.add_message``), or where it has none by
``LockedConversation.record``. Coming, going and what people do to themselves is not recorded.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from talk_calls import signals
from talk_calls.constants import (
    LegReason,
    LobbyState,
    Permission,
    ReadOnly,
    SystemMessageKind,
)
from talk_calls.models import Attendee, AuditEntry, Conversation
from talk_calls.models.audit import AuditAction
from talk_calls.services import audit_context
from talk_calls.services.events import identity

if TYPE_CHECKING:
    from talk_calls.services.locked_conversation import LockedConversation

#: Rows that one statement inserts at most.
_BATCH = 1000

#: What is recorded where a message of the chat names somebody.
OF_MESSAGES: Mapping[SystemMessageKind, AuditAction] = {
    SystemMessageKind.USER_ADDED: AuditAction.ATTENDEE_ADDED,
    SystemMessageKind.USER_REMOVED: AuditAction.ATTENDEE_REMOVED,
    SystemMessageKind.GROUP_ADDED: AuditAction.ATTENDEE_ADDED,
    SystemMessageKind.GROUP_REMOVED: AuditAction.ATTENDEE_REMOVED,
    SystemMessageKind.MODERATOR_PROMOTED: AuditAction.PROMOTED,
    SystemMessageKind.MODERATOR_DEMOTED: AuditAction.DEMOTED,
    SystemMessageKind.GUEST_MODERATOR_PROMOTED: AuditAction.PROMOTED,
    SystemMessageKind.GUEST_MODERATOR_DEMOTED: AuditAction.DEMOTED,
}


def _lobby(conversation: Conversation) -> AuditAction:
    is_down = conversation.lobby_state == LobbyState.NONE
    return AuditAction.LOBBY_LOWERED if is_down else AuditAction.LOBBY_RAISED


#: What is recorded of a new value of a field of the conversation; several fields may be one entry.
_SETTINGS: Mapping[str, Callable[[Conversation], AuditAction]] = {
    "name": lambda _: AuditAction.RENAMED,
    "description": lambda _: AuditAction.DESCRIPTION_CHANGED,
    "password": lambda conversation: (
        AuditAction.PASSWORD_SET if conversation.password else AuditAction.PASSWORD_REMOVED
    ),
    "type": lambda conversation: (
        AuditAction.MADE_PUBLIC if conversation.is_public else AuditAction.MADE_PRIVATE
    ),
    "read_only": lambda conversation: (
        AuditAction.LOCKED if conversation.read_only == ReadOnly.READ_ONLY else AuditAction.UNLOCKED
    ),
    "listable": lambda _: AuditAction.LISTING_CHANGED,
    "lobby_state": _lobby,
    "lobby_timer": _lobby,
    "default_permissions": lambda _: AuditAction.PERMISSIONS_CHANGED,
    "call_permissions": lambda _: AuditAction.PERMISSIONS_CHANGED,
    "recording_consent": lambda _: AuditAction.CONSENT_CHANGED,
    "mention_permissions": lambda _: AuditAction.MENTIONS_CHANGED,
    "message_expiration": lambda _: AuditAction.EXPIRATION_CHANGED,
}

#: Of these only the change is recorded: a secret, and a text that goes with the conversation.
_WITHOUT_VALUES = frozenset({"password", "description"})


def new(  # noqa: PLR0913 -- one keyword per fact about it
    action: AuditAction,
    conversation: Conversation | None,
    by: Attendee | None,
    *,
    at: datetime,
    target: Attendee | None = None,
    reason: str = "",
    **details: Any,
) -> AuditEntry:
    """Return an entry that is not saved.

    None as ``by`` is whoever the entry point names (``audit_context``), if anybody. ``reason`` is
    for changes that bring their own; that of the entry point comes first. ``details`` are JSON.
    """
    context = audit_context.current()
    entry = AuditEntry(
        at=at,
        action=action,
        source=context.source,
        reason=context.reason or reason,
        details=details,
    )
    if conversation is not None:
        entry.conversation_pk = conversation.pk
        entry.conversation_token = conversation.token
        # Former one-to-ones are called after an account that is deleted.
        entry.conversation_name = "" if conversation.is_one_to_one else conversation.name
    _set_person(entry, "actor", by)
    if by is None:
        entry.actor_name = context.name
    _set_person(entry, "target", target)
    return entry


def _set_person(entry: AuditEntry, role: str, attendee: Attendee | None) -> None:
    if attendee is None:
        return
    who = identity(attendee)
    setattr(entry, f"{role}_user", attendee.user)
    setattr(entry, f"{role}_type", who["actor_type"])
    setattr(entry, f"{role}_id", who["actor_id"])
    setattr(entry, f"{role}_name", who["display_name"])


def add(
    action: AuditAction,
    conversation: Conversation | None,
    by: Attendee | None,
    *,
    at: datetime,
    target: Attendee | None = None,
    **details: Any,
) -> None:
    """Store one entry, in the open transaction; the arguments are those of ``new``."""
    new(action, conversation, by, at=at, target=target, **details).save(force_insert=True)


def is_own_doing(by: Attendee | None, target: Attendee | None) -> bool:
    """Tell whether somebody of the conversation did it to themselves, as by joining or leaving."""
    if by is None or target is None or by.pk is None:
        return False
    return by.pk == target.pk or (by.user_id is not None and by.user_id == target.user_id)


def store(locked: "LockedConversation", before: Mapping[str, Any]) -> list[AuditEntry]:
    """Store the entries of a transaction at once, the settings first; none costs nothing.

    ``before`` are the fields of the conversation as they were. Returns the entries.
    """
    entries = [*_of_settings(locked, before), *locked.audit_entries, *_of_events(locked)]
    if entries:
        AuditEntry.objects.bulk_create(entries, batch_size=_BATCH)
    return entries


def _of_settings(locked: "LockedConversation", before: Mapping[str, Any]) -> list[AuditEntry]:
    """Return what ``performed_by`` changed; of a one-to-one, all but consent follows by itself."""
    conversation = locked.conversation
    fields = ["recording_consent"] if conversation.is_one_to_one else list(_SETTINGS)
    changed: dict[AuditAction, dict[str, Any]] = {}
    for field in fields:
        value = getattr(conversation, field)
        if value == before[field] or _ended_with_call(locked, field):
            continue
        details = changed.setdefault(_SETTINGS[field](conversation), {})
        if field not in _WITHOUT_VALUES:
            details[field] = {"before": _plain(before[field]), "after": _plain(value)}
    return [
        new(action, conversation, locked.performed_by, at=locked.now, **details)
        for action, details in changed.items()
    ]


def _ended_with_call(locked: "LockedConversation", field: str) -> bool:
    """Tell whether a field is the permissions for a call, and they ended with it."""
    return (
        field == "call_permissions"
        and locked.conversation.call_permissions == Permission.DEFAULT
        and any(isinstance(event, signals.CallEnded) for event in locked.events)
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers of enumerations, times in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    return int(value) if isinstance(value, int) else value


def _of_events(locked: "LockedConversation") -> Iterator[AuditEntry]:
    for event in locked.events:
        if isinstance(event, signals.CallEnded) and event.reason == LegReason.ENDED_FOR_ALL:
            yield new(
                AuditAction.CALL_ENDED,
                locked.conversation,
                locked.performed_by,
                at=event.at,
                call=event.call_id,
            )
