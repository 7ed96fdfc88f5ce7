"""The audit trail as the admin and ``talk_audit`` show it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from talk_calls import names
from talk_calls.constants import (
    BanKind,
    Listable,
    MentionPermissions,
    PermissionChange,
    RecordingConsent,
)
from talk_calls.models import AuditEntry
from talk_calls.models.webhooks import DisabledReason
from talk_calls.reports import permission_texts
from talk_calls.reports.formatting import EMPTY_VALUE, datetime_text

#: Settings of which an action tells the new value, and so the old one.
_SAID_BY_ACTION = frozenset({"read_only", "lobby_state", "type"})


class Person(TypedDict):
    """Somebody as clients knew them; without id and name, a user whose account was deleted."""

    type: str
    id: str
    name: str


class ConversationFacts(TypedDict):
    """What an entry is about; the conversation may be deleted."""

    id: int
    token: str
    name: str


class AuditFacts(TypedDict):
    """An entry as data for other programs: names of enumerations, never words of a language."""

    id: int
    at: datetime
    action: str
    source: str
    conversation: ConversationFacts | None
    actor: Person | None
    target: Person | None
    reason: str
    details: dict[str, Any]


def entries(
    *, token: str = "", since: datetime | None = None, action: str = ""
) -> QuerySet[AuditEntry]:
    """Return the entries of a conversation, since a time and of an action, the latest first.

    What is empty restricts nothing. ``token`` may be that of a deleted conversation.
    """
    found = AuditEntry.objects.all()
    if token:
        found = found.filter(conversation_token=token)
    if since:
        found = found.filter(at__gte=since)
    return found.filter(action=action) if action else found


def facts(entry: AuditEntry) -> AuditFacts:
    """Return an entry as data."""
    conversation: ConversationFacts | None = None
    if entry.conversation_pk is not None:
        conversation = {
            "id": entry.conversation_pk,
            "token": entry.conversation_token,
            "name": entry.conversation_name,
        }
    return {
        "id": entry.pk,
        "at": entry.at,
        "action": entry.action,
        "source": entry.source,
        "conversation": conversation,
        "actor": _person(entry.actor_type, entry.actor_id, entry.actor_name),
        "target": _person(entry.target_type, entry.target_id, entry.target_name),
        "reason": entry.reason,
        "details": entry.details,
    }


def actor_text(entry: AuditEntry) -> str:
    """Return who did it; empty for nobody."""
    return _name(entry.actor_type, entry.actor_id, entry.actor_name)


def target_text(entry: AuditEntry) -> str:
    """Return whom it was done to; empty for nobody."""
    return _name(entry.target_type, entry.target_id, entry.target_name)


def conversation_text(entry: AuditEntry) -> str:
    """Return the name, or the token of one without a name; empty for no conversation."""
    return names.cleaned(entry.conversation_name) or entry.conversation_token


def details_text(entry: AuditEntry) -> str:
    """Return the details in a line, such as ``name: Weekly → Daily``, for people.

    What the action says already, such as that it is locked now, is left out.
    """
    labels = _labels()
    shown = ((name, value) for name, value in entry.details.items() if name not in _SAID_BY_ACTION)
    return "; ".join(f"{labels.get(name, name)}: {_change(name, value)}" for name, value in shown)


def _person(actor_type: str, actor_id: str, name: str) -> Person | None:
    if not actor_type and not name:
        return None
    return {"type": actor_type, "id": actor_id, "name": name}


def _name(actor_type: str, actor_id: str, name: str) -> str:
    if actor_type == BanKind.ADDRESSES:
        return str(BanKind.ADDRESSES.label)
    return names.shown(name, actor_type, actor_id)


def _change(name: str, value: Any) -> str:
    match value:
        case {"before": before, "after": after}:
            return f"{_value(name, before)} → {_value(name, after)}"
        case dict():  # what was done to the permissions of everybody, and with which
            return ", ".join(
                f"{PermissionChange(how).label}: {permission_texts.describe(bits)}"
                for how, bits in value.items()
            )
        case _:
            return _value(name, value)


def _value(name: str, value: Any) -> str:
    if value in {None, ""}:
        return EMPTY_VALUE
    if name in _WORDS:
        return _WORDS[name](value)
    return str(value)


def _labels() -> dict[str, str]:
    """Return what people call the details."""
    return {
        "name": _("name"),
        "lobby_timer": _("lobby until"),
        "listable": _("found by"),
        "permissions": _("permissions"),
        "default_permissions": _("permissions of attendees"),
        "call_permissions": _("permissions in this call"),
        "everybody": _("permissions of everybody"),
        "recording_consent": _("consent to recording"),
        "mention_permissions": _("may mention everybody"),
        "message_expiration": _("seconds until messages expire"),
        "client": _("app"),
        "ban": _("number of the ban"),
        "call": _("number of the call"),
        "endpoint": _("endpoint"),
        "address": _("address"),
        "event_types": _("events"),
        "enabled": _("enabled"),
        "cause": _("cause"),
        "deliveries": _("webhooks"),
    }


def _permissions(bits: int) -> str:
    return permission_texts.describe(bits) if bits else _("default")


#: How the values of a setting are called.
_WORDS: dict[str, Callable[[Any], str]] = {
    "lobby_timer": lambda text: datetime_text(datetime.fromisoformat(text)),
    "listable": lambda value: str(Listable(value).label),
    "recording_consent": lambda value: str(RecordingConsent(value).label),
    "mention_permissions": lambda value: str(MentionPermissions(value).label),
    "permissions": _permissions,
    "default_permissions": _permissions,
    "call_permissions": _permissions,
    "enabled": lambda value: _("yes") if value else _("no"),
    "cause": lambda value: str(DisabledReason(value).label),
}
