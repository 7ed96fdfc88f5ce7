"""Conversations that are linked to an object of the host, which decides about name and members.

``set_members`` compares before it takes the lock, so repeating it costs a query and wakes nobody.
A change takes a few statements, whatever the number of members.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import (
    NAME_MAX_BYTES,
    Allow,
    ConversationType,
    LegReason,
    ParticipantType,
)
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import InvalidValue
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.models.attendees import passing
from talk_calls.services import creation, locking, participants
from talk_calls.services.locked_conversation import LockedConversation
from talk_calls.signals import ConversationChanged

#: Roles that a host gives to its users.
ROLES = frozenset({ParticipantType.OWNER, ParticipantType.MODERATOR, ParticipantType.USER})

Members = Mapping[HostUser, ParticipantType]


@dataclass(frozen=True, slots=True)
class Link:
    """An object of the host: its model as ``app.model``, and its primary key as text."""

    model: str
    pk: str


def find(link: Link) -> Conversation | None:
    """Return the conversation of an object, or None."""
    return Conversation.objects.filter(linked_model=link.model, linked_pk=link.pk).first()


def get_or_create(
    *,
    link: Link,
    name: str,
    kind: ConversationType = ConversationType.GROUP,
    allows: Allow = Allow.NOTHING,
    options: creation.ConversationOptions = creation.DEFAULT_OPTIONS,
) -> tuple[Conversation, bool]:
    """Return the conversation of an object, and whether it is new; one of two simultaneous calls.

    Everything but ``link`` is for a new one. ``name`` is cut to what a conversation can hold.
    Raises as ``creation.create``.
    """
    found = find(link)
    if found is not None:
        return found, False
    try:
        with transactions.atomic():
            made = creation.create(kind=kind, name=cut_name(name) or link.pk, options=options)
            made.linked_model, made.linked_pk, made.linked_allows = link.model, link.pk, allows
            made.save(update_fields=["linked_model", "linked_pk", "linked_allows"])
            return made, True
    except IntegrityError:
        found = find(link)
        if found is None:
            raise
        return found, False


@retried
def set_facts(
    *, conversation: Conversation, name: str, allows: Allow, now: datetime | None = None
) -> bool:
    """Store the name that the object has now, and what its link allows; tell if that changed.

    Moderators who may rename the conversation keep their name for it.
    """
    keeps_name = allows & Allow.RENAME
    name = conversation.name if keeps_name else cut_name(name) or conversation.linked_pk
    if (conversation.name, conversation.linked_allows) == (name, allows):
        return False
    with locking.locked(conversation.pk, now=now) as locked:
        locked.conversation.name = name
        locked.conversation.linked_allows = allows
        locked.save_changes("name", "linked_allows")
    conversation.name, conversation.linked_allows = name, allows
    return True


def set_members(
    *, conversation: Conversation, members: Members, now: datetime | None = None
) -> bool:
    """Make these users the members with these roles; return whether anything changed.

    Users who are members by the host and not among them are removed at once, also from a running
    call; who loses a role loses its rights in the call. In a linked conversation that allows no
    outsiders, all other members go too. Guests and self-joined users of a public one stay. Raises
    ``InvalidValue`` for another role than owner, moderator and user, and in a one-to-one
    conversation, and ``NoSuchConversation``.
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation stays one."))
    roles = {user.pk: ParticipantType(role) for user, role in members.items()}
    if not ROLES.issuperset(roles.values()):
        raise InvalidValue(_("Members are owners, moderators or users."))
    if _difference(conversation, roles).is_empty:
        return False
    _set_members(conversation, members, roles, now)
    return True


@retried
def unlink(*, conversation: Conversation, now: datetime | None = None) -> None:
    """Make it a conversation like others: its members stay, with their roles."""
    with locking.locked(conversation.pk, now=now) as locked:
        locked.conversation.attendees.filter(by_host=True).update(by_host=False)
        for field, value in _NO_LINK.items():
            setattr(locked.conversation, field, value)
        locked.save_changes(*_NO_LINK)
    for field, value in _NO_LINK.items():
        setattr(conversation, field, value)


_NO_LINK: dict[str, Any] = {"linked_model": "", "linked_pk": "", "linked_allows": 0}


def cut_name(name: str) -> str:
    """Return the trimmed name, cut between characters to the bytes that a conversation can hold."""
    return name.strip().encode()[:NAME_MAX_BYTES].decode(errors="ignore").strip()


@dataclass(frozen=True, slots=True)
class _Difference:
    """What is to be done.

    ``newcomers`` are primary keys of users, ``changed`` those of attendees by their new role, and
    ``gone`` those of attendees who go.
    """

    newcomers: list[Any]
    changed: dict[ParticipantType, list[int]]
    gone: list[int]

    @property
    def is_empty(self) -> bool:
        return not (self.newcomers or self.changed or self.gone)


def _difference(conversation: Conversation, roles: Mapping[Any, ParticipantType]) -> _Difference:
    """Compare the members with those wanted; one query."""
    present = set()
    changed: dict[ParticipantType, list[int]] = {}
    gone = []
    rows = conversation.attendees.filter(_managed(conversation) | Q(user__in=list(roles)))
    for pk, user, role, by_host in rows.values_list("pk", "user", "participant_type", "by_host"):
        wanted = roles.get(user)
        if wanted is None:
            gone.append(pk)
            continue
        present.add(user)
        if (role, by_host) != (wanted, True):
            changed.setdefault(wanted, []).append(pk)
    return _Difference([user for user in roles if user not in present], changed, gone)


def _managed(conversation: Conversation) -> Q:
    """Return the condition of attendees who go unless the host wants them."""
    everybody = Q(conversation=conversation)
    if not conversation.is_linked or conversation.linked_allows & Allow.OUTSIDERS:
        return Q(by_host=True)
    return ~passing() if conversation.is_public else everybody


@retried
def _set_members(
    conversation: Conversation,
    members: Members,
    roles: Mapping[Any, ParticipantType],
    now: datetime | None,
) -> None:
    with locking.locked(conversation.pk, now=now, touch=True) as locked:
        difference = _difference(locked.conversation, roles)
        if difference.is_empty:  # somebody else was faster
            return
        if difference.gone:
            locked.remove_attendees(_attendees(locked, difference.gone), LegReason.REMOVED)
        for role, pks in difference.changed.items():
            _attendees(locked, pks).update(
                participant_type=role, by_host=True, by_group=False, modified_at=locked.now
            )
        users = {user.pk: user for user in members}
        Attendee.objects.bulk_create(
            (
                Attendee(
                    conversation=locked.conversation,
                    user=users[pk],
                    display_name=participants.name_of(users[pk]),
                    participant_type=roles[pk],
                    by_host=True,
                    modified_at=locked.now,
                )
                for pk in difference.newcomers
            ),
            batch_size=1000,
        )
        locked.add_event(ConversationChanged, changed=("attendees",))
        if difference.changed:
            locked.reapply_rules()


def _attendees(locked: LockedConversation, pks: list[int]) -> QuerySet[Attendee]:
    return locked.conversation.attendees.filter(pk__in=pks)
