"""Changing roles and permissions, which takes effect at once in a call too (constants 2.7)."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from talk_calls import policies
from talk_calls.constants import (
    DEMOTED,
    PROMOTED,
    ActorType,
    Allow,
    ParticipantType,
    Permission,
    PermissionChange,
    SystemMessageKind,
)
from talk_calls.db.retries import retried
from talk_calls.exceptions import (
    InvalidValue,
    ModeratorMayEverything,
    NoSuchTarget,
    NotOneself,
    NotPromotable,
    SiteRefusesModerator,
)
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.models.audit import AuditAction
from talk_calls.services import locking, participants
from talk_calls.services.locked_conversation import LockedConversation
from talk_calls.signals import ConversationChanged

#: The levels of a conversation, and the field that holds each.
LEVELS = {"call": "call_permissions", "default": "default_permissions"}

#: What a message says of somebody who got a role.
_ROLE_MESSAGES = {
    ParticipantType.MODERATOR: SystemMessageKind.MODERATOR_PROMOTED,
    ParticipantType.USER: SystemMessageKind.MODERATOR_DEMOTED,
    ParticipantType.GUEST_MODERATOR: SystemMessageKind.GUEST_MODERATOR_PROMOTED,
    ParticipantType.GUEST: SystemMessageKind.GUEST_MODERATOR_DEMOTED,
}


def promote(
    *, attendee: Attendee, performed_by: Attendee | None = None, now: datetime | None = None
) -> None:
    """Make a user a moderator, also a self-joined one, or a guest a guest moderator.

    Their own permissions end with that (``Attendee.take_role``). Raises ``NotPromotable`` for any
    other role, ``SiteRefusesModerator`` for somebody whom the site does not let moderate,
    ``NotOneself``, ``NoSuchTarget`` if the attendee has been removed, and ``ManagedByHost`` where
    roles come from an object of the host.
    """
    _change_role(attendee, PROMOTED, performed_by, now)


def demote(
    *, attendee: Attendee, performed_by: Attendee | None = None, now: datetime | None = None
) -> None:
    """Make a moderator a user, or a guest moderator a guest; raises as ``promote``."""
    _change_role(attendee, DEMOTED, performed_by, now)


@retried
def set_owner(
    *,
    conversation: Conversation,
    user: HostUser | None,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
) -> None:
    """Make an attendee the only owner; None leaves the conversation without one.

    Earlier owners become ordinary users. Raises ``InvalidValue`` in a one-to-one conversation,
    where both users are owners, ``NoSuchTarget`` for a user who is no attendee, and
    ``ManagedByHost`` where roles come from an object of the host.
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("Both own a one-to-one conversation."))
    policies.require(policies.roles_are_fixed(conversation))
    with locking.locked(conversation.pk, now=now, performed_by=performed_by, touch=True) as locked:
        attendees = locked.conversation.attendees
        owner = attendees.select_related("user").filter(user=user).first() if user else None
        if user is not None and owner is None:
            raise NoSuchTarget
        _replace_owner(locked, owner, performed_by)
        locked.add_event(ConversationChanged, changed=("attendees",))
        locked.reapply_rules()


def _replace_owner(locked: LockedConversation, owner: Attendee | None, by: Attendee | None) -> None:
    owners = locked.conversation.attendees.filter(participant_type=ParticipantType.OWNER)
    earlier = owners.exclude(pk=owner.pk) if owner else owners
    for each in earlier.select_related("user").order_by("pk"):
        locked.add_message(SystemMessageKind.MODERATOR_DEMOTED, by, each)
    earlier.update(participant_type=ParticipantType.USER)
    if owner is None:
        return
    if not owner.is_moderator:
        locked.add_message(SystemMessageKind.MODERATOR_PROMOTED, by, owner)
    if owner.participant_type != ParticipantType.OWNER:
        locked.record(AuditAction.OWNER_SET, by, target=owner)
    owner.take_role(ParticipantType.OWNER)
    owner.save(update_fields=["participant_type", "permissions"])


@retried
def of_attendee(
    *,
    attendee: Attendee,
    change: PermissionChange,
    permissions: int,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
) -> None:
    """Change the permissions of one attendee; a self-joined user who gets some becomes a member.

    That is not so for the permission to pass the lobby alone, which lets in for this visit. Raises
    ``InvalidValue`` for unknown bits, for a group and in one-to-one conversations,
    ``ModeratorMayEverything``, and ``NoSuchTarget`` if the attendee has been removed.
    """
    check(permissions)
    with locking.locked(
        attendee.conversation_id, now=now, performed_by=performed_by, touch=True
    ) as locked:
        _refuse_one_to_one(locked.conversation)
        current = _current(attendee)
        if policies.moderates(locked.conversation, current):
            raise ModeratorMayEverything
        if current.actor_type == ActorType.GROUPS:
            raise InvalidValue(_("A group does nothing itself; its members do."))
        before = policies.permissions_of(locked.conversation, current)
        own = current.permissions
        current.permissions = policies.changed_permissions(own, change, permissions)
        if _becomes_member(locked.conversation, current, before):
            current.take_role(ParticipantType.USER)
        current.save(update_fields=["participant_type", "permissions"])
        if current.permissions != own:
            locked.record(
                AuditAction.PERMISSIONS_CHANGED,
                performed_by,
                target=current,
                permissions={"before": own, "after": current.permissions},
            )
        locked.add_event(ConversationChanged, changed=("attendees",))
        locked.reapply_rules()
    attendee.participant_type, attendee.permissions = current.participant_type, current.permissions


@retried
def of_conversation(
    *,
    conversation: Conversation,
    level: str,
    permissions: int,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
) -> None:
    """Set the permissions of attendees: level "default", or "call" for the running call.

    Permissions of single attendees are reset, since they would take precedence. Raises
    ``InvalidValue`` for unknown levels and bits, and for one-to-one conversations.
    """
    check(permissions)
    if level not in LEVELS:
        raise InvalidValue(_("Permissions are those of the call or the default."))
    _refuse_one_to_one(conversation)
    permissions = policies.changed_permissions(0, PermissionChange.SET, permissions)
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        locked.conversation.attendees.exclude(permissions=Permission.DEFAULT).update(
            permissions=Permission.DEFAULT
        )
        setattr(locked.conversation, LEVELS[level], permissions)
        locked.save_changes(LEVELS[level])
        locked.reapply_rules()
    setattr(conversation, LEVELS[level], permissions)


@retried
def of_everybody(
    *,
    conversation: Conversation,
    change: PermissionChange,
    permissions: int,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
) -> None:
    """Change the own permissions of all attendees but moderators, in one statement.

    Raises ``InvalidValue`` for unknown bits, and for one-to-one conversations.
    """
    check(permissions)
    _refuse_one_to_one(conversation)
    with locking.locked(conversation.pk, now=now, performed_by=performed_by, touch=True) as locked:
        moderators = participants.moderators(locked.conversation)
        others = locked.conversation.attendees.exclude(moderators)
        others.update(permissions=_changed_in_place(change, permissions))
        locked.record(
            AuditAction.PERMISSIONS_CHANGED,
            performed_by,
            everybody={change.value: permissions},
        )
        locked.add_event(ConversationChanged, changed=("attendees",))
        locked.reapply_rules()


@retried
def reapply(*, conversation: Conversation, now: datetime | None = None) -> None:
    """Apply the rules anew to everybody in the call, after an answer of the site's policy changed.

    Those who have to wait in the lobby now leave the call, and media that somebody may not send
    any more is taken away. Raises ``NoSuchConversation``.
    """
    with locking.locked(conversation.pk, now=now, touch=True) as locked:
        locked.add_event(ConversationChanged, changed=("attendees",))
        locked.reapply_rules()


def _changed_in_place(change: PermissionChange, given: int) -> int | Combinable:
    """Return ``policies.changed_permissions`` as an SQL expression for all rows."""
    match change:
        case PermissionChange.ADD:
            return F("permissions").bitor(given | Permission.CUSTOM)
        case PermissionChange.REMOVE:
            return F("permissions").bitand(~given).bitor(Permission.CUSTOM)
        case _:
            return policies.changed_permissions(0, change, given)


@retried
def _change_role(
    attendee: Attendee,
    changes: Mapping[ParticipantType, ParticipantType],
    performed_by: Attendee | None,
    now: datetime | None,
) -> None:
    if performed_by is not None and performed_by.pk == attendee.pk:
        raise NotOneself
    with locking.locked(
        attendee.conversation_id, now=now, performed_by=performed_by, touch=True
    ) as locked:
        policies.require(policies.roles_are_fixed(locked.conversation))
        current = _current(attendee)
        role = changes.get(ParticipantType(current.participant_type))
        if role is None or current.actor_type not in {ActorType.USERS, ActorType.GUESTS}:
            raise NotPromotable
        current.take_role(role)
        if policies.is_lowered(locked.conversation, current):
            raise SiteRefusesModerator
        current.save(update_fields=["participant_type", "permissions"])
        locked.add_message(_ROLE_MESSAGES[role], performed_by, current)
        locked.add_event(ConversationChanged, changed=("attendees",))
        locked.reapply_rules()
    attendee.take_role(role)


def _refuse_one_to_one(conversation: Conversation) -> None:
    if conversation.is_one_to_one:
        raise InvalidValue(_("In a one-to-one conversation both may do everything."))


def _becomes_member(conversation: Conversation, attendee: Attendee, before: int) -> bool:
    """Tell whether changed permissions make a self-joined user a member (behaviour 14/self-joined).

    Not if only the lobby was opened to them: who is let in once would never wait again. Nor where
    an object of the host decides about members, which would remove them.
    """
    if attendee.participant_type != ParticipantType.USER_SELF_JOINED or not attendee.permissions:
        return False
    after = policies.permissions_of(conversation, attendee)
    if not (before ^ after) & ~(Permission.CUSTOM | Permission.IGNORE_LOBBY):
        return False
    return policies.link_refuses(conversation, Allow.OUTSIDERS) is None


def _current(attendee: Attendee) -> Attendee:
    """Read the attendee again, under the lock."""
    found = Attendee.objects.select_related("user").filter(pk=attendee.pk).first()
    if found is None:
        raise NoSuchTarget
    return found


def check(permissions: int) -> None:
    """Raise ``InvalidValue`` for a number that is no sum of permissions."""
    if not 0 <= permissions <= Permission.MAX_CUSTOM:
        raise InvalidValue(
            _("Permissions are a number from 0 to {most}."), most=Permission.MAX_CUSTOM
        )
