"""The rooms of objects: find or make them, keep their members, and take the link away."""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from talk_calls.constants import Allow, ConversationType, ParticipantType
from talk_calls.db import transactions
from talk_calls.db.primary import rows_of
from talk_calls.host.actors import HostUser
from talk_calls.models import Conversation
from talk_calls.rooms import registry
from talk_calls.rooms.model_room import ModelRoom
from talk_calls.services import conversations, links
from talk_calls.services.conversation_options import ConversationOptions
from talk_calls.services.links import Facts, Link
from talk_calls.signals import Event


def link_of(obj: Model) -> Link:
    """Return what a room keeps of its object; raises ``ValueError`` for one that is not saved.

    An object of a registered model is known by that model, also if it is of one that inherits.
    """
    if obj.pk is None:
        raise ValueError(f"{obj!r} is not saved, so it has no room.")
    # Not ``type(obj)``, which is that of a wrapper for ``request.user``.
    definition = registry.of(obj.__class__)
    model = definition.model if definition else obj._meta.concrete_model
    return link_to(model, obj.pk)


def link_to(model: type[Model] | None, pk: Any) -> Link:
    """Return the link to the object of a model with this primary key, or with its text."""
    assert model is not None  # noqa: S101 -- Django's types allow it, its models have one
    text = json.dumps([str(each) for each in pk]) if isinstance(pk, tuple) else str(pk)
    return Link(model._meta.label_lower, text)


def find_room(obj: Model) -> Conversation | None:
    """Return the room of an object, or None if it has none."""
    return links.find(link_of(obj))


def object_of(event: Event) -> Model | None:
    """Return the object in whose room an event happened, for receivers.

    None if the room belongs to no object, or one of both was deleted since. Receivers ask what it
    is: rooms of all models send the same events.
    """
    room = Conversation.objects.filter(pk=event.conversation_id).first()
    return room.linked_object if room else None


def room_for(
    obj: Model,
    *,
    name: str | None = None,
    public: bool | None = None,
    allow: Allow | None = None,
    **options: Any,
) -> Conversation:
    """Return the room of an object, which is made at the first call; one query from then on.

    A new room of a registered model has the members that its class names; of any other it has none
    until ``sync``. The keywords are for a new room and take precedence over the class: ``name`` (by
    default ``str(obj)``), ``public`` (guests come in by the link), ``allow`` (what moderators may
    do although the object decides it), and the fields of
    ``talk_calls.services.conversation_options.ConversationOptions``, such as ``description`` and
    ``lobby_state``. Simultaneous calls return the same room. Raises ``ValueError`` for an object
    that is not saved, ``InvalidValue`` for options that no conversation can have.
    """
    link = link_of(obj)
    found = links.find(link)
    if found is not None:
        return found
    definition = registry.of(obj.__class__) or _UNREGISTERED
    public = definition.public if public is None else public
    with transactions.atomic():
        made, created = links.get_or_create(
            link=link,
            name=definition.name(obj) if name is None else name,
            kind=ConversationType.PUBLIC if public else ConversationType.GROUP,
            allows=definition.allow if allow is None else allow,
            options=ConversationOptions(**options),
        )
        if created and definition is not _UNREGISTERED:
            links.set_members(conversation=made, members=definition.roles(obj))
            # A change at the same time did not find the room yet.
            transactions.on_commit(
                lambda: links.follow(
                    conversation=made, read=lambda: _facts(definition, obj.pk, allow, name)
                ),
                robust=True,
            )
    return made


def sync(room: Conversation, members: Mapping[HostUser, ParticipantType]) -> bool:
    """Make these users the members of the room, each with a role; return whether anything changed.

    Users whom ``sync`` brought and who are not among them are removed; in a room of an object that
    allows no outsiders so is everybody else but guests who came by the link. A running call feels
    it at once: who is removed is out of it, who loses a role loses its rights. Repeating it costs
    one query. Roles are ``Role.OWNER``, ``Role.MODERATOR`` and ``Role.USER``; another raises
    ``InvalidValue``, a deleted room ``NoSuchConversation``.
    """
    return links.set_members(conversation=room, members=members)


def sync_object(obj: Model) -> bool:
    """Bring the room of an object up to date with its registered class; return whether it changed.

    For what no signal tells: bulk changes, SQL, and rules that depend on the time. A missing room
    is made. Raises ``LookupError`` if nothing is registered for the model.
    """
    definition = registry.of(obj.__class__)
    if definition is None:
        raise LookupError(f"Nothing is registered for {obj._meta.label}.")
    found = find_room(obj)
    if found is None:
        room_for(obj)
        return True
    return update(found, definition, obj.pk)


def update(room: Conversation, definition: ModelRoom, pk: Any) -> bool:
    """Give a room the name and members that its object has now; return whether anything changed."""
    return links.follow(conversation=room, read=lambda: _facts(definition, pk))


def _facts(
    definition: ModelRoom, pk: Any, allow: Allow | None = None, name: str | None = None
) -> Facts | None:
    """Read an object and what its class says about it; None if it was deleted.

    ``allow`` and ``name`` take precedence.
    """
    obj = rows_of(definition.model).filter(pk=pk).first()
    if obj is None:
        return None
    return Facts(
        members=definition.roles(obj),
        name=definition.name(obj) if name is None else name,
        allows=definition.allow if allow is None else allow,
    )


def delete(room: Conversation) -> None:
    """Delete a room; its call ends, and the history of its calls stays."""
    conversations.delete(conversation=room)


def unlink(room: Conversation) -> None:
    """Take a room from its object: a conversation like others, which its moderators govern."""
    links.unlink(conversation=room)


#: What is said about models that nothing is registered for.
_UNREGISTERED = ModelRoom(Model)
