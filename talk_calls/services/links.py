"""Conversations that are linked to an object of the host, which decides about name and members.

They are compared before the lock is taken, so repeating it costs a query and wakes nobody.
A change takes a few statements, whatever the number of members.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from talk_calls import names, policies
from talk_calls.constants import (
    MODERATOR_TYPES,
    Allow,
    ConversationType,
    LegReason,
    ParticipantType,
    Permission,
    SystemMessageKind,
)
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import InvalidValue
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.models.attendees import passing
from talk_calls.services import banned, creation, locking, participants
from talk_calls.services.conversation_options import DEFAULT_OPTIONS, ConversationOptions
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


@dataclass(frozen=True, slots=True)
class Facts:
    """What a host says about a conversation; ``name`` and ``allows`` are None where it does not.

    Raises ``InvalidValue`` for another role than owner, moderator and user.
    """

    members: Members
    name: str | None = None
    allows: Allow | None = None

    def __post_init__(self) -> None:
        if not ROLES.issuperset(self.members.values()):
            raise InvalidValue(_("Members are owners, moderators or users."))


def find(link: Link) -> Conversation | None:
    """Return the conversation of an object, or None."""
    return Conversation.objects.filter(linked_model=link.model, linked_pk=link.pk).first()


def get_or_create(
    *,
    link: Link,
    name: str,
    kind: ConversationType = ConversationType.GROUP,
    allows: Allow = Allow.NOTHING,
    options: ConversationOptions = DEFAULT_OPTIONS,
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
            made = creation.create(kind=kind, name=names.cut(name) or link.pk, options=options)
            made.linked_model, made.linked_pk, made.linked_allows = link.model, link.pk, allows
            made.save(update_fields=["linked_model", "linked_pk", "linked_allows"])
            return made, True
    except IntegrityError:
        found = find(link)
        if found is None:
            raise
        return found, False


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
    return follow(conversation=conversation, read=lambda: Facts(members), now=now)


def follow(
    *, conversation: Conversation, read: Callable[[], Facts | None], now: datetime | None = None
) -> bool:
    """Bring a conversation up to date with what ``read`` returns; return whether it changed.

    ``read`` is called again under the lock if there is something to do: of two changes of the host
    at the same time, the later one to get the lock knows both. None, for an object that was deleted
    meanwhile, changes nothing. Raises as ``set_members``, and what ``read`` raises.
    """
    policies.require(policies.stays_one_to_one(conversation))
    facts = read()
    if facts is None or not _differs(conversation, facts):
        return False
    return _follow(conversation, read, now)


@retried
def _follow(
    conversation: Conversation, read: Callable[[], Facts | None], now: datetime | None
) -> bool:
    with locking.locked(conversation.pk, now=now, touch=True) as locked:
        facts = read()
        if facts is None or not _differs(locked.conversation, facts):
            return False  # somebody else was faster
        changed = _changed_fields(locked.conversation, facts)
        for field, value in changed.items():
            setattr(locked.conversation, field, value)
        if changed:
            locked.save_changes(*changed)
        _set_members(locked, facts)
    for field, value in changed.items():
        setattr(conversation, field, value)
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


@dataclass(frozen=True, slots=True)
class _Difference:
    """What is to be done.

    ``newcomers`` are users, ``changed`` primary keys of attendees by their new role, and ``gone``
    those of attendees who go. ``told`` are the users of whom a message says that they got a role,
    by its kind.
    """

    newcomers: list[HostUser]
    changed: dict[ParticipantType, list[int]]
    gone: list[int]
    told: list[tuple[SystemMessageKind, HostUser]]

    @property
    def is_empty(self) -> bool:
        return not (self.newcomers or self.changed or self.gone)


def _differs(conversation: Conversation, facts: Facts) -> bool:
    """Tell whether there is something to do; one query."""
    if _changed_fields(conversation, facts):
        return True
    return not _difference(conversation, facts).is_empty


def _changed_fields(conversation: Conversation, facts: Facts) -> dict[str, Any]:
    """Return the new values by field; moderators who may rename it keep their name for it."""
    wanted: dict[str, Any] = {}
    if facts.allows is not None:
        wanted["linked_allows"] = facts.allows
    allows = conversation.linked_allows if facts.allows is None else facts.allows
    if facts.name is not None and not allows & Allow.RENAME:
        wanted["name"] = names.cut(facts.name) or conversation.linked_pk
    return {
        field: value for field, value in wanted.items() if getattr(conversation, field) != value
    }


def _difference(conversation: Conversation, facts: Facts) -> _Difference:
    """Compare the members with those wanted, who are not banned; one query, or two."""
    users = {user.pk: user for user in facts.members}
    present = set()
    changed: dict[ParticipantType, list[int]] = {}
    gone = []
    told = []
    rows = conversation.attendees.filter(_managed(conversation) | Q(user__in=list(users)))
    for pk, user, role, by_host in rows.values_list("pk", "user", "participant_type", "by_host"):
        if user not in users:
            gone.append(pk)
            continue
        present.add(user)
        wanted = ParticipantType(facts.members[users[user]])
        if (role, by_host) != (wanted, True):
            changed.setdefault(wanted, []).append(pk)
        kind = _message_about(role, wanted)
        if kind is not None:
            told.append((kind, users[user]))
    missing = [pk for pk in users if pk not in present]
    kept_out = banned.among(conversation, missing)
    newcomers = [users[pk] for pk in missing if pk not in kept_out]
    return _Difference(newcomers, changed, gone, told)


def _message_about(role: int, wanted: ParticipantType) -> SystemMessageKind | None:
    """Return what a message says of a user who had ``role`` and gets another; None for nothing."""
    if role == ParticipantType.USER_SELF_JOINED:
        return SystemMessageKind.USER_ADDED
    if (role in MODERATOR_TYPES) == (wanted in MODERATOR_TYPES):
        return None
    is_promoted = wanted in MODERATOR_TYPES
    promoted, demoted = SystemMessageKind.MODERATOR_PROMOTED, SystemMessageKind.MODERATOR_DEMOTED
    return promoted if is_promoted else demoted


def _managed(conversation: Conversation) -> Q:
    """Return the condition of attendees who go unless the host wants them."""
    everybody = Q(conversation=conversation)
    if not conversation.is_linked or conversation.linked_allows & Allow.OUTSIDERS:
        return Q(by_host=True)
    return ~passing() if conversation.is_public else everybody


def _set_members(locked: LockedConversation, facts: Facts) -> None:
    difference = _difference(locked.conversation, facts)
    if difference.is_empty:
        return
    if difference.gone:
        gone = _attendees(locked, difference.gone)
        people = gone.select_related("user").order_by("pk")
        participants.announce_removed(locked, people, None)
        locked.remove_attendees(gone, LegReason.REMOVED)
    for role, pks in difference.changed.items():
        _attendees(locked, pks).update(
            participant_type=role, by_host=True, by_group=False, modified_at=locked.now
        )
        if role in MODERATOR_TYPES:  # as Attendee.take_role
            _attendees(locked, pks).update(permissions=Permission.DEFAULT)
    Attendee.objects.bulk_create(
        (
            Attendee(
                conversation=locked.conversation,
                user=user,
                display_name=participants.name_of(user),
                participant_type=facts.members[user],
                by_host=True,
                modified_at=locked.now,
            )
            for user in difference.newcomers
        ),
        batch_size=1000,
    )
    for kind, user in difference.told:
        participants.announce(locked, kind, user, None)
    participants.announce_added(locked, difference.newcomers, None)
    locked.add_event(ConversationChanged, changed=("attendees",))
    if difference.changed:
        locked.reapply_rules()


def _attendees(locked: LockedConversation, pks: list[int]) -> QuerySet[Attendee]:
    return locked.conversation.attendees.filter(pk__in=pks)
