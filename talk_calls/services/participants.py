"""Who belongs to a conversation."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from talk_calls import names, policies
from talk_calls.conf import conf
from talk_calls.constants import (
    ACTOR_ID_MAX_LENGTH,
    MODERATOR_TYPES,
    Allow,
    LegReason,
    ParticipantType,
    SessionEnd,
    SystemMessageKind,
)
from talk_calls.db.retries import retried
from talk_calls.db.text import is_storable
from talk_calls.exceptions import (
    ConversationFull,
    LastModerator,
    NoSuchTarget,
)
from talk_calls.host import lookups
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.models.audit import AuditAction
from talk_calls.services import (
    banned,
    expiry,
    locking,
)
from talk_calls.services.locked_conversation import LockedConversation
from talk_calls.signals import ConversationChanged


def name_of(user: HostUser) -> str:
    """Return the name to store for a user, cut to what a row can hold."""
    return names.cut(conf.directory.display_name(user) or "")


def find_user(user_id: str, *, viewer: HostUser | None = None) -> HostUser:
    """Return the user with this id (``actorId`` on the wire) if ``viewer`` may find them.

    None as ``viewer`` is the site itself. Raises ``NoSuchTarget``, whether there is no such user or
    one whom ``viewer`` may not find.
    """
    user = lookups.find_user(user_id, viewer=viewer)
    if user is None:
        raise NoSuchTarget
    return user


def operator(user: HostUser) -> Attendee:
    """Return a user as ``performed_by`` of an operator's action, for history and events.

    It is never saved, and is no moderator: the caller has checked what the operator may do.
    """
    return Attendee(user=user, display_name=name_of(user))


def actor_of(performed_by: Attendee | None) -> Actor | None:
    """Return whom the site's policy is asked about: None for the site and its operators."""
    if performed_by is None or performed_by.pk is None:
        return None
    return Actor(performed_by.user)


def moderators(conversation: Conversation) -> Q:
    """Return the condition of attendees who moderate; a query only if the site has a say."""
    in_role = Q(participant_type__in=MODERATOR_TYPES)
    if not policies.site_has_a_say():
        return in_role
    attendees = conversation.attendees.filter(in_role).select_related("user")
    return Q(pk__in=[each.pk for each in attendees if policies.moderates(conversation, each)])


@retried
def add_user(  # noqa: PLR0913 -- one keyword per fact about it
    *,
    conversation: Conversation,
    user: HostUser,
    participant_type: ParticipantType = ParticipantType.USER,
    now: datetime | None = None,
    bounded: bool = False,
    performed_by: Attendee | None = None,
) -> Attendee:
    """Make ``user`` an attendee; a member stays as is, a self-joined one becomes a member.

    A message says that ``performed_by`` added them, but for owners, with whom conversations are
    created. Raises ``NoSuchConversation`` if the conversation was deleted meanwhile,
    ``ManagedByHost`` if its members come from an object of the host and its link allows no others,
    ``InviteeBanned``, and with ``bounded`` ``ConversationFull``.
    """
    policies.require(policies.link_refuses(conversation, Allow.OUTSIDERS))
    with locking.locked(conversation.pk, now=now, touch=True) as locked:
        banned.refuse_users(locked.conversation, [user])
        attendee, is_new = admit_user(locked, user, participant_type, bounded=bounded)
        if is_new and participant_type != ParticipantType.OWNER:
            locked.add_message(SystemMessageKind.USER_ADDED, performed_by, attendee)
        return attendee


@retried
def add_users(
    *,
    conversation: Conversation,
    users: Collection[HostUser],
    now: datetime | None = None,
    bounded: bool = False,
    performed_by: Attendee | None = None,
) -> None:
    """Do what ``add_user`` does for many, in a few statements for all of them.

    Raises as ``add_user``.
    """
    policies.require(policies.link_refuses(conversation, Allow.OUTSIDERS))
    with locking.locked(conversation.pk, now=now, touch=True) as locked:
        banned.refuse_users(locked.conversation, users)
        there = locked.conversation.attendees.filter(user__in=[user.pk for user in users])
        self_joined = there.filter(participant_type=ParticipantType.USER_SELF_JOINED)
        passing = set(self_joined.values_list("user", flat=True))
        self_joined.update(participant_type=ParticipantType.USER)
        there.filter(by_group=True).update(by_group=False)
        present = set(there.values_list("user", flat=True))
        added = [user for user in users if user.pk in passing or user.pk not in present]
        announce_added(locked, added, performed_by)
        Attendee.objects.bulk_create(
            Attendee(
                conversation=locked.conversation,
                user=user,
                display_name=name_of(user),
                modified_at=locked.now,
            )
            for user in users
            if user.pk not in present
        )
        if bounded:
            refuse_beyond_bound(locked)
        locked.add_event(ConversationChanged, changed=("attendees",))


def announce_added(
    locked: LockedConversation, users: Iterable[HostUser], by: Attendee | None
) -> None:
    """Say of each user that ``by`` made them a member; nothing in a one-to-one."""
    if locked.conversation.is_one_to_one:
        return
    for user in users:
        announce(locked, SystemMessageKind.USER_ADDED, user, by)


def announce(
    locked: LockedConversation, kind: SystemMessageKind, user: HostUser, by: Attendee | None
) -> None:
    """Say something of a user who need not be an attendee."""
    locked.add_message(kind, by, Attendee(user=user, display_name=name_of(user)))


def announce_removed(
    locked: LockedConversation, attendees: Iterable[Attendee], by: Attendee | None
) -> None:
    """Say of each user among attendees that ``by`` removed them; nothing in a one-to-one.

    The attendees are loaded with their users. Guests come and go without a message; that somebody
    removed them is only recorded.
    """
    if locked.conversation.is_one_to_one:
        return
    for attendee in attendees:
        if attendee.user is not None:
            locked.add_message(SystemMessageKind.USER_REMOVED, by, attendee)
        else:
            locked.record(AuditAction.ATTENDEE_REMOVED, by, target=attendee)


def admit_user(
    locked: LockedConversation,
    user: HostUser,
    participant_type: ParticipantType,
    *,
    bounded: bool = False,
) -> tuple[Attendee, bool]:
    """Do what ``add_user`` does in a conversation that is locked already, but for the message.

    Returns the attendee, and whether they became one, or a member, which is worth a message.
    """
    attendee, created = Attendee.objects.get_or_create(
        conversation=locked.conversation,
        user=user,
        defaults={
            "participant_type": participant_type,
            "display_name": name_of(user),
            "modified_at": locked.now,
        },
    )
    was_passing = attendee.is_passing
    if not created and not _make_member(attendee, participant_type):
        return attendee, False
    if created and bounded:
        refuse_beyond_bound(locked)
    locked.add_event(ConversationChanged, changed=("attendees",))
    return attendee, created or was_passing


def refuse_beyond_bound(locked: LockedConversation) -> None:
    """Raise ``ConversationFull`` if somebody who was added is too many.

    Those who are gone leave their places first. The refusal has to roll back the transaction.
    """
    if _beyond_bound(locked.conversation):
        expiry.remove_passing(locked)
        policies.require(_beyond_bound(locked.conversation))


def _beyond_bound(conversation: Conversation) -> ConversationFull | None:
    """Count no more rows than the bound, in one statement."""
    most = conf.max_participants
    if not most:
        return None
    return policies.has_room_for(conversation.attendees.of_their_own()[: most + 1].count())


def _make_member(attendee: Attendee, participant_type: ParticipantType) -> bool:
    """Make a self-joined user or a member of a group an invited one; False if it is one already."""
    if attendee.participant_type == ParticipantType.USER_SELF_JOINED:
        attendee.take_role(participant_type)
    elif not attendee.by_group:
        return False
    attendee.by_group = False
    attendee.save(update_fields=["participant_type", "permissions", "by_group"])
    return True


def find(
    *,
    conversation: Conversation,
    user_id: str = "",
    session_id: str = "",
    attendee_id: int | None = None,
) -> Attendee:
    """Return the attendee that a request names; API versions do that in different ways.

    Give ``attendee_id``, or ``user_id`` for a user, or ``session_id`` for a guest. Raises
    ``NoSuchTarget`` if no attendee of this conversation has it.
    """
    attendees = Attendee.objects.select_related("user").filter(conversation=conversation)
    if attendee_id is not None:
        found = attendees.filter(pk=attendee_id).first()
    elif user_id:
        found = _find_by_user_id(attendees, user_id)
    else:
        found = attendees.filter(sessions__session_id=session_id).first()
    if found is None:
        raise NoSuchTarget
    return found


def _find_by_user_id(attendees: QuerySet[Attendee], user_id: str) -> Attendee | None:
    """Return the user with this id among attendees; the account may be deactivated."""
    if len(user_id) > ACTOR_ID_MAX_LENGTH or not is_storable(user_id):
        return None
    try:
        found = attendees.filter(**{f"user__{conf.directory.user_id_path()}": user_id}).first()
    except (ValueError, ValidationError):
        return None  # ids are numbers or UUIDs here, and this is neither
    is_meant = found is not None and conf.directory.user_id(found.user) == user_id
    return found if is_meant else None


@retried
def remove(
    *,
    attendee: Attendee,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
    end: SessionEnd = SessionEnd.REMOVED,
) -> None:
    """Remove an attendee: out of the call, sessions closed, membership deleted.

    ``end`` is what the windows of the sessions are told.
    """
    with locking.locked(
        attendee.conversation_id, now=now, performed_by=performed_by, touch=True
    ) as locked:
        locked.session_end = end
        _remove(locked, attendee, locked.performed_by)


@retried
def close(*, attendee: Attendee, now: datetime) -> None:
    """Close the sessions of an attendee that the host is deleting.

    Raises ``NoSuchConversation`` if the conversation was deleted meanwhile.
    """
    with locking.locked(attendee.conversation_id, now=now, touch=True) as locked:
        sessions = locked.conversation.sessions.filter(attendee=attendee)
        locked.close_sessions(list(sessions.select_related("attendee__user")), LegReason.REMOVED)
        locked.add_event(ConversationChanged, changed=("attendees",))


@retried
def resign(*, attendee: Attendee, now: datetime | None = None) -> None:
    """End the attendee's own membership; the last user's conversation is deleted.

    Raises ``LastModerator`` for the only moderator while other users stay, except in a one-to-one
    conversation, and ``ManagedByHost`` where an object of the host decides about the membership. A
    linked conversation stays without users.
    """
    with locking.locked(attendee.conversation_id, now=now, touch=True) as locked:
        locked.performed_by = attendee
        policies.require(policies.membership_is_fixed(locked.conversation, attendee))
        if locked.conversation.is_linked:
            _give_up(locked, attendee)
            return
        users = locked.conversation.attendees.filter(user__isnull=False).exclude(pk=attendee.pk)
        if not users.exists():
            if not locked.conversation.is_one_to_one:
                locked.record(AuditAction.CONVERSATION_DELETED, attendee)
            locked.delete_conversation()
            return
        is_needed = (
            policies.moderates(locked.conversation, attendee)
            and not locked.conversation.is_one_to_one
        )
        if is_needed and not users.filter(moderators(locked.conversation)).exists():
            raise LastModerator
        _give_up(locked, attendee)


def _give_up(locked: LockedConversation, attendee: Attendee) -> None:
    locked.session_end = SessionEnd.LEFT
    _remove(locked, attendee, attendee)


def _remove(locked: LockedConversation, attendee: Attendee, by: Attendee | None) -> None:
    leaves_as_it_came = attendee.is_passing and by is not None and by.pk == attendee.pk
    if not leaves_as_it_came:
        announce_removed(locked, [attendee], by)
    locked.remove_attendees(attendee, LegReason.REMOVED)
