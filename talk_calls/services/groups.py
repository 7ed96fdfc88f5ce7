"""Groups of the host as attendees: their members follow them.

Whoever is in a conversation only because of a group goes when the last such group goes, or when
they leave it; whoever was invited by name, or leads, stays. Everything is done for all members at
once: a statement or two for each conversation, whatever the size of the group.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from talk_calls.actors import HostUser
from talk_calls.conf import conf
from talk_calls.constants import ActorType, LegReason, ParticipantType
from talk_calls.exceptions import InvalidValue, NoSuchConversation, NoSuchTarget
from talk_calls.models import Attendee, Conversation
from talk_calls.services import books, participants
from talk_calls.services.conflicts import retried
from talk_calls.signals import ConversationChanged


@retried
def add(*, conversation: Conversation, group_id: str, now: datetime) -> None:
    """Make a group of the host an attendee, and its members with it (talk-api.md 7.2).

    Members who are there already stay as they are. Raises ``InvalidValue`` in a one-to-one
    conversation, ``NoSuchTarget`` for an unknown group.
    """
    if conversation.is_one_to_one:
        raise InvalidValue("A one-to-one conversation stays one.")
    group = conf.directory.find_group(group_id)
    if group is None:
        raise NoSuchTarget
    with transaction.atomic():
        if not _lock(group):
            raise NoSuchTarget
        _add(conversation.pk, group, now)


def _add(conversation_id: int, group: Any, now: datetime) -> None:
    members = conf.directory.group_members(group)
    with books.opened(conversation_id, now=now, touch=True) as opened:
        Attendee.objects.get_or_create(
            conversation=opened.conversation,
            actor_type=ActorType.GROUPS,
            actor_id=str(group.pk),
            defaults={"display_name": str(group), "modified_at": opened.now},
        )
        _bring(opened, members)
        opened.note(ConversationChanged, changed=("attendees",))


@retried
def remove(*, attendee: Attendee, by: Attendee | None, now: datetime) -> None:
    """Remove a group, and whoever came only with it."""
    with books.opened(attendee.conversation_id, now=now, by=by, touch=True) as opened:
        attendee.delete()
        _dismiss(opened, opened.conversation.attendees.all())


@retried
@transaction.atomic
def members_added(*, group: Any, users: Collection[HostUser], now: datetime) -> None:
    """Follow users who joined a group into its conversations."""
    for attendee in _attending(group):
        with (
            suppress(NoSuchConversation),
            books.opened(attendee.conversation_id, now=now, touch=True) as opened,
        ):
            # The group may have been removed while we waited for the lock.
            if opened.conversation.attendees.filter(pk=attendee.pk).exists():
                _bring(opened, users)
                opened.note(ConversationChanged, changed=("attendees",))


@retried
@transaction.atomic
def members_removed(*, group: Any, user_pks: Collection[Any], now: datetime) -> None:
    """Follow users who left a group out of its conversations."""
    for attendee in _attending(group):
        with (
            suppress(NoSuchConversation),
            books.opened(attendee.conversation_id, now=now, touch=True) as opened,
        ):
            _dismiss(opened, opened.conversation.attendees.filter(user__in=user_pks))


def renamed(*, group: Any) -> None:
    """Follow the name of a group."""
    _rows(group).update(display_name=str(group))


@retried
@transaction.atomic
def deleted(*, group: Any, now: datetime) -> None:
    """Take a group that is being deleted out of its conversations."""
    for attendee in _attending(group):
        with suppress(NoSuchConversation):
            remove(attendee=attendee, by=None, now=now)


def _bring(opened: books.Books, users: Iterable[HostUser]) -> None:
    """Make users attendees who are none yet; the conversation is locked."""
    present = set(opened.conversation.attendees.values_list("user", flat=True))
    newcomers = (
        Attendee(
            conversation=opened.conversation,
            user=user,
            display_name=participants.name_of(user),
            by_group=True,
            modified_at=opened.now,
        )
        for user in users
        if user.pk not in present
    )
    Attendee.objects.bulk_create(newcomers, batch_size=1000)


def _dismiss(opened: books.Books, candidates: Any) -> None:
    """Remove those of ``candidates`` who came with a group and are in none that attends."""
    groups = opened.conversation.attendees.filter(actor_type=ActorType.GROUPS)
    stay = conf.directory.members_of(groups.values_list("actor_id", flat=True))
    gone = candidates.filter(by_group=True, participant_type=ParticipantType.USER).exclude(
        user__in=stay
    )
    opened.dismiss(gone, LegReason.REMOVED)


def _attending(group: Any) -> list[Attendee]:
    """Lock a group, and return where it attends, in the order in which all lock conversations."""
    return list(_rows(group).order_by("conversation_id")) if _lock(group) else []


def _rows(group: Any) -> QuerySet[Attendee]:
    return Attendee.objects.filter(actor_type=ActorType.GROUPS, actor_id=str(group.pk))


def _lock(group: Any) -> bool:
    """Make others who add a group somewhere, or change its members, wait for this transaction.

    Else a user who joins a group while it is added to a conversation would be seen by neither side.
    SQLite needs no such lock, as there is one writer at a time. Returns False if the group was
    deleted meanwhile.
    """
    if not isinstance(group, Model):
        return True  # a directory of the site's own, which has to see to that itself
    rows = type(group)._default_manager.select_for_update().filter(pk=group.pk)
    return bool(rows.values_list("pk", flat=True))
