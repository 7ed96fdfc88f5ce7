"""Groups of the host as attendees; their members are attendees too.

A user who is in a conversation only because of groups is removed when the last of these groups is
removed, or when the user leaves it. Users who were invited by name and moderators stay. Each change
takes a few statements per conversation, whatever the size of the group.

Changes of the host's groups are applied after they are committed, with a transaction for each
conversation, so that nothing here makes the host's transactions wait or fail. The members are read
again under the lock of the conversation, so simultaneous changes end in the right state.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import ActorType, LegReason, ParticipantType, SystemMessageKind
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import NoSuchConversation, NoSuchTarget
from talk_calls.host import lookups, user_model
from talk_calls.host.actors import HostUser
from talk_calls.host.directory import has_django_groups
from talk_calls.models import Attendee, Conversation
from talk_calls.services import banned, locking, participants
from talk_calls.services.deletion_mark import delete_closed
from talk_calls.services.locked_conversation import LockedConversation
from talk_calls.signals import ConversationChanged


@retried
def add(
    *,
    conversation: Conversation,
    group_id: str,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
) -> None:
    """Make a group of the host an attendee, and its members with it (behaviour 7.2).

    Members who are there already stay as they are. Raises ``InvalidValue`` in a one-to-one
    conversation, ``NoSuchTarget`` for an unknown group and one that ``performed_by`` may not find
    or see, ``MayNotInvite``, and ``ManagedByHost`` in a conversation whose members come from an
    object of the host: nobody follows two sources.
    """
    policies.require(policies.stays_one_to_one(conversation))
    policies.require(policies.roles_are_fixed(conversation))
    by = participants.actor_of(performed_by)
    group = lookups.find_group(group_id, viewer=by.user if by else None)
    if group is None:
        raise NoSuchTarget
    policies.require(policies.may_invite_group(by, group, conversation))
    with locking.locked(conversation.pk, now=now, touch=True) as locked:
        attendee, created = Attendee.objects.get_or_create(
            conversation=locked.conversation,
            actor_type=ActorType.GROUPS,
            actor_id=str(group.pk),
            defaults={"display_name": str(group), "modified_at": locked.now},
        )
        _add_users(locked, conf.directory.group_members(group))
        if created:
            locked.add_message(SystemMessageKind.GROUP_ADDED, performed_by, attendee)
        locked.add_event(ConversationChanged, changed=("attendees",))
        # A simultaneous change of the group did not find this attendee yet.
        transactions.on_commit(lambda: _update_all_members(attendee, group_id, now), robust=True)


@retried
def remove(
    *, attendee: Attendee, performed_by: Attendee | None = None, now: datetime | None = None
) -> None:
    """Remove a group, and the members who came only with it."""
    with locking.locked(
        attendee.conversation_id, now=now, performed_by=performed_by, touch=True
    ) as locked:
        locked.add_message(SystemMessageKind.GROUP_REMOVED, performed_by, attendee)
        delete_closed(attendee)
        locked.remove_attendees(
            _without_group(locked, locked.conversation.attendees.all()), LegReason.REMOVED
        )


def follow(*, group_pk: object, user_pks: Collection[Any], now: datetime | None = None) -> None:
    """Add users who are in a group now to its conversations, and remove those who are not.

    To be called once the change of the group is committed.
    """
    for attendee in _attendees_of(group_pk):
        with suppress(NoSuchConversation):
            _update_members(attendee, user_pks, now)


def renamed(*, group_pk: object, name: str) -> None:
    """Store the new name of a group in its conversations."""
    _attendees_of(group_pk).update(display_name=name)


def deleted(*, group_pk: object, now: datetime | None = None) -> None:
    """Remove a group from its conversations, once its deletion is committed."""
    for attendee in _attendees_of(group_pk):
        with suppress(NoSuchConversation):
            remove(attendee=attendee, performed_by=None, now=now)


def bring_in(*, user_pks: Collection[Any], now: datetime | None = None) -> None:
    """Add active users to the conversations of Django's groups that they are in, if they lack them.

    They may have joined a group while their account was inactive.
    """
    if not has_django_groups():
        return
    users = user_model.users().filter(pk__in=user_pks, groups__isnull=False, **user_model.active())
    members: dict[str, set[Any]] = defaultdict(set)
    for group_pk, user_pk in users.values_list("groups", "pk"):
        members[str(group_pk)].add(user_pk)
    groups = Attendee.objects.filter(actor_type=ActorType.GROUPS, actor_id__in=list(members))
    for attendee in groups.order_by("conversation_id"):
        _add_missing(attendee, members[attendee.actor_id], now)


def catch_up(attendees: Iterable[Attendee], *, now: datetime) -> int:
    """Add members of groups whom no signal announced, as after ``update()``; return how many.

    ``attendees`` are groups. Nobody is removed: a source of groups may fail to answer.
    """
    added = 0
    for attendee in attendees:
        group = lookups.find_group(attendee.display_name, viewer=None)
        if group is not None:
            members = {user.pk for user in conf.directory.group_members(group)}
            added += _add_missing(attendee, members, now)
    return added


def _add_missing(attendee: Attendee, members: Collection[Any], now: datetime | None) -> int:
    """Add members of a group who are no attendees; return how many that seemed to be."""
    there = Attendee.objects.filter(conversation=attendee.conversation_id, user__in=members)
    missing = set(members) - set(there.values_list("user", flat=True))
    missing -= banned.among(attendee.conversation, missing)
    if missing:
        with suppress(NoSuchConversation):
            _update_members(attendee, missing, now)
    return len(missing)


def _update_all_members(attendee: Attendee, group_id: str, now: datetime | None) -> None:
    """Apply the changes of a group that were committed before it became an attendee."""
    group = lookups.find_group(group_id, viewer=None)
    with suppress(NoSuchConversation):
        if group is None:
            remove(attendee=attendee, performed_by=None, now=now)
            return
        by_group = attendee.conversation.attendees.filter(by_group=True)
        members = [user.pk for user in conf.directory.group_members(group)]
        if changed := set(by_group.values_list("user", flat=True)) ^ set(members):
            _update_members(attendee, changed, now)


@retried
def _update_members(attendee: Attendee, user_pks: Collection[Any], now: datetime | None) -> None:
    with locking.locked(attendee.conversation_id, now=now, touch=True) as locked:
        # The group may have been removed while we waited for the lock.
        if not locked.conversation.attendees.filter(pk=attendee.pk).exists():
            return
        inside = set(conf.directory.members_among([attendee.actor_id], user_pks))
        added = _add_users(locked, conf.directory.find_users(inside))
        participants.announce_added(locked, added, None)
        outside = locked.conversation.attendees.filter(user__in=set(user_pks) - inside)
        gone = _without_group(locked, outside)
        users = gone.select_related("user").order_by("pk")
        participants.announce_removed(locked, users, None)
        locked.remove_attendees(gone, LegReason.REMOVED)


def _add_users(locked: LockedConversation, users: Iterable[HostUser]) -> list[HostUser]:
    """Make users attendees by group, but for the banned; return the new ones.

    Those who are only self-joined become members of the group too.
    """
    attendees = locked.conversation.attendees
    present = set(attendees.values_list("user", flat=True))
    users = list(users)
    missing = [user for user in users if user.pk not in present]
    kept_out = banned.among(locked.conversation, [user.pk for user in missing])
    newcomers = [user for user in missing if user.pk not in kept_out]
    self_joined = attendees.filter(participant_type=ParticipantType.USER_SELF_JOINED)
    self_joined.filter(user__in=[user.pk for user in users if user.pk in present]).update(
        participant_type=ParticipantType.USER, by_group=True
    )
    Attendee.objects.bulk_create(
        (
            Attendee(
                conversation=locked.conversation,
                user=user,
                display_name=participants.name_of(user),
                by_group=True,
                modified_at=locked.now,
            )
            for user in newcomers
        ),
        batch_size=1000,
    )
    return newcomers


def _without_group(
    locked: LockedConversation, candidates: QuerySet[Attendee]
) -> QuerySet[Attendee]:
    """Return the candidates who came with a group and are in no group of the conversation now."""
    by_group = candidates.filter(by_group=True, participant_type=ParticipantType.USER)
    groups = locked.conversation.attendees.filter(actor_type=ActorType.GROUPS)
    keys = list(groups.values_list("actor_id", flat=True))
    stay = conf.directory.members_among(keys, list(by_group.values_list("user", flat=True)))
    return by_group.exclude(user__in=stay)


def _attendees_of(group_pk: object) -> QuerySet[Attendee]:
    rows = Attendee.objects.filter(actor_type=ActorType.GROUPS, actor_id=str(group_pk))
    return rows.order_by("conversation_id")
