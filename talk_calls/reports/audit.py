"""The audit trail as the admin and ``talk_audit`` show it."""

from datetime import datetime
from typing import Any, TypedDict

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from talk_calls import names
from talk_calls.constants import ActorType, BanKind
from talk_calls.models import AuditEntry


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
    return entry.conversation_name or entry.conversation_token


def details_text(entry: AuditEntry) -> str:
    """Return the details in a line, such as ``read_only: 0 → 1``, as the database names them."""
    return "; ".join(f"{name}: {_value(value)}" for name, value in entry.details.items())


def _person(actor_type: str, actor_id: str, name: str) -> Person | None:
    if not actor_type and not name:
        return None
    return {"type": actor_type, "id": actor_id, "name": name}


def _name(actor_type: str, actor_id: str, name: str) -> str:
    if actor_type == ActorType.USERS and not actor_id:
        return _("Deleted user")
    if actor_type == BanKind.ADDRESSES:
        return str(BanKind.ADDRESSES.label)
    return names.shown(name, actor_type, actor_id)


def _value(value: Any) -> str:
    match value:
        case {"before": before, "after": after}:
            return f"{_value(before)} → {_value(after)}"
        case dict():
            return ", ".join(f"{name} {_value(each)}" for name, each in value.items())
        case None | "":
            return "–"
        case _:
            return str(value)
