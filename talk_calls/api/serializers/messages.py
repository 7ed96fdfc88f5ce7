"""The messages of the chat, which are all about what happened (behaviour 7.2, 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.translation import gettext as _

from talk_calls import names
from talk_calls.api.serializers.json_types import TEXT, Schema, map_of, one_of
from talk_calls.api.serializers.sentences import places_of_people, sentence
from talk_calls.api.serializers.tables import Constant, Field, Table, Type, serializers_of
from talk_calls.api.serializers.types import (
    ACTOR_ID,
    PERSON_NAME,
    TOKEN,
    UNIX_TIME,
    constant,
    unix_time,
)
from talk_calls.constants import ActorType, SystemMessageKind
from talk_calls.models import Attendee, SystemMessage
from talk_calls.ocs.json_types import JSONObject
from talk_calls.services.events import identity

#: Somebody as ``SystemMessage.details`` names them: type, id and name.
_Person: TypeAlias = Mapping[str, str]

#: Who did it, to clients, if nobody did: they expect an actor.
_NOBODY_TYPE, _NOBODY_ID = ActorType.GUESTS.value, "system"

#: Type and id, to clients, of a user who was erased (constants 2.2).
_ERASED = "deleted_users"

_MESSAGE_ID = Type({"type": "integer", "minimum": 0, "format": "int64"}, 815)
_ACTOR_TYPE = Type(one_of(*ActorType.values, _ERASED), "users")
_KIND = Type(one_of(*SystemMessageKind.values), SystemMessageKind.CALL_STARTED.value)
_SENTENCE = Type(TEXT, "{actor} started a call")
_EMPTY_OBJECT: Schema = {"type": "object", "maxProperties": 0}
_PARAMETERS = Type(
    map_of(map_of(TEXT)), {"actor": {"type": "user", "id": "alice", "name": "Alice"}}
)


@dataclass(slots=True)
class Message:
    """A message and who reads it; ``token`` is that of its conversation."""

    message: SystemMessage
    token: str
    reader: Attendee


def _actor(message: Message) -> _Person:
    row = message.message
    return {"type": row.actor_type, "id": row.actor_id, "name": row.display_name}


def _target(message: Message) -> _Person | None:
    target: _Person | None = message.message.details.get("user")
    return target


def _is(person: _Person | None, other: _Person) -> bool:
    return person is not None and (person["type"], person["id"]) == (other["type"], other["id"])


def _text(message: Message) -> str:
    who = identity(message.reader)
    reader = {"type": who["actor_type"], "id": who["actor_id"]}
    actor, target = _actor(message), _target(message)
    return sentence(
        message.message,
        by_you=_is(actor, reader),
        to_you=_is(target, reader),
        oneself=_is(target, actor),
    )


def _parameters(message: Message) -> JSONObject:
    """Return the rich objects for the places of the sentence."""
    row = message.message
    found: JSONObject = {"actor": _rich(_actor(message))}
    if (target := _target(message)) is not None:
        found["group" if target["type"] == ActorType.GROUPS else "user"] = _rich(target)
    if "name" in row.details:
        name = names.cleaned(row.details["name"])
        found["name"] = {"type": "highlight", "id": "name", "name": name}
    people = zip(places_of_people(row), row.details.get("people", ()), strict=True)
    return found | {place: _rich(person) for place, person in people}


def _rich(person: _Person) -> JSONObject:
    """Return somebody in the form in which clients know names in text.

    An invitee's address is nothing that participants may read: what stands before the @ is enough.
    """
    kind, key, name = person["type"], person["id"], names.cleaned(person["name"])
    if names.is_erased(kind, key):
        return {"type": "highlight", "id": _ERASED, "name": names.erased()}
    match kind:
        case ActorType.USERS:
            return {"type": "user", "id": key, "name": name or key}
        case ActorType.GROUPS:
            return {"type": "user-group", "id": name or key, "name": name or key}
        case ActorType.EMAILS:
            return {"type": "email", "id": "invitee", "name": name.partition("@")[0]}
        case ActorType.GUESTS:
            return {"type": "guest", "id": f"guest/{key}", "name": name or names.guest()}
        case _:
            return {"type": "guest", "id": f"guest/{_NOBODY_ID}", "name": _("The site")}


def _actor_type(message: Message) -> str:
    row = message.message
    if names.is_erased(row.actor_type, row.actor_id):
        return _ERASED
    return row.actor_type or _NOBODY_TYPE


def _actor_id(message: Message) -> str:
    row = message.message
    if names.is_erased(row.actor_type, row.actor_id):
        return _ERASED
    if row.actor_type == ActorType.EMAILS:
        return "invitee"
    return row.actor_id or _NOBODY_ID


def _actor_name(message: Message) -> str:
    row = message.message
    if row.actor_type == ActorType.EMAILS:
        return names.cleaned(row.display_name).partition("@")[0]
    return names.cleaned(row.display_name)


#: A message: what happened in a conversation. Clients of all years read the same.
MESSAGE: Table[Message] = (
    Field("id", lambda m: m.message.pk, _MESSAGE_ID, "Number of the message; grows."),
    Field("token", lambda m: m.token, TOKEN, "Token of the conversation."),
    Field(
        "actorType",
        _actor_type,
        _ACTOR_TYPE,
        "What the person is who did it.",
    ),
    Field(
        "actorId",
        _actor_id,
        ACTOR_ID,
        "Name of the user, or id of the guest; `system` if nobody did it, `deleted_users` if "
        "whoever did is no user any more.",
    ),
    Field("actorDisplayName", _actor_name, PERSON_NAME, "Name to show; guests may have none."),
    Field("timestamp", lambda m: unix_time(m.message.at), UNIX_TIME, "When it happened."),
    Field("message", _text, _SENTENCE, "A sentence with places for names, in braces."),
    Field("messageParameters", _parameters, _PARAMETERS, "What is in the places, by name."),
    Field("systemMessage", lambda m: str(m.message.kind), _KIND, "What happened."),
    constant("messageType", "system", "Always `system`: nobody writes."),
    constant("isReplyable", False, "Always false: nobody writes."),
    constant("referenceId", "", "Always empty."),
    Field("reactions", Constant({}), Type(_EMPTY_OBJECT, {}), "Always empty."),
    constant("expirationTimestamp", 0, "Always 0: nothing expires."),
    constant("markdown", False, "Always false."),
)

#: The serializers of a message by version; all are the same.
MESSAGE_SERIALIZERS = serializers_of(MESSAGE)
