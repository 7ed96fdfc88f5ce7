"""Changing the settings of conversations, and deleting conversations."""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from talk_calls import names, policies
from talk_calls.conf import conf
from talk_calls.constants import (
    DESCRIPTION_MAX_LENGTH,
    ActorType,
    Allow,
    ConsentRule,
    ConversationType,
    LegReason,
    Listable,
    ReadOnly,
    RecordingConsent,
    SessionEnd,
)
from talk_calls.db.retries import retried
from talk_calls.exceptions import (
    CallRunning,
    ConsentNotOffered,
    InvalidValue,
    ManagedByHost,
    NoSuchConversation,
    NotPublic,
)
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.models.attendees import passing
from talk_calls.models.audit import AuditAction
from talk_calls.services import conversation_options, locking, participants
from talk_calls.signals import ConversationChanged

#: What a link to an object of the host has to allow for a change of a field.
_ALLOWANCES = {"name": Allow.RENAME, "description": Allow.RENAME, "listable": Allow.PUBLIC}


def is_fixed(conversation: Conversation, field: str) -> bool:
    """Tell whether a field comes from the object to which the conversation is linked."""
    return policies.link_refuses(conversation, _ALLOWANCES[field]) is not None


@retried
def rename(
    *,
    conversation: Conversation,
    name: str,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
    most_bytes: int | None = None,
) -> None:
    """Give a conversation another name.

    Raises ``InvalidValue`` for one-to-one conversations, where each user sees the name of the
    other, and as ``names.checked`` does, to which ``most_bytes`` goes; and
    ``ManagedByHost`` where an object of the host sets the name.
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation is named after the other one."))
    checked = names.checked(name, most_bytes=most_bytes)
    _change(conversation, {"name": checked}, now=now, performed_by=performed_by)


@retried
def describe(
    *,
    conversation: Conversation,
    description: str,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
    most: int = DESCRIPTION_MAX_LENGTH,
) -> None:
    """Set or remove the description.

    Raises ``InvalidValue`` for one-to-one conversations and beyond ``most`` characters, and
    ``ManagedByHost`` as ``rename`` does.
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation has no description."))
    checked = conversation_options.checked_description(description, most=most)
    _change(conversation, {"description": checked}, now=now, performed_by=performed_by)


@retried
def edit(
    *,
    conversation: Conversation,
    fields: Collection[str],
    now: datetime,
    performed_by: Attendee | None = None,
) -> None:
    """Store the values that ``fields`` of the given instance have, as after editing it in a form.

    Only for fields that no rule of a call depends on; the form has checked them.
    """
    values = {field: getattr(conversation, field) for field in fields}
    _change(conversation, values, now=now, performed_by=performed_by)


@retried
def set_listable(
    *,
    conversation: Conversation,
    scope: Listable,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
) -> None:
    """Set who finds it without an invitation.

    Raises ``InvalidValue`` if it is one-to-one, ``MayNotMakeListable``, and ``ManagedByHost`` where
    an object of the host decides who comes in.
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation is in no list."))
    if scope != Listable.PARTICIPANTS:
        by = participants.actor_of(performed_by)
        policies.require(policies.may_make_listable(by, conversation))
    _change(conversation, {"listable": scope}, now=now, performed_by=performed_by)


@retried
def set_recording_consent(
    *,
    conversation: Conversation,
    consent: RecordingConsent,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
) -> None:
    """Set whether joining a call needs the consent to be recorded (behaviour 5).

    Raises ``ConsentNotOffered`` if the site decides that for all conversations, and ``CallRunning``
    if consent would be needed in a call that is running.
    """
    if conf.recording_consent != ConsentRule.OPTIONAL:
        raise ConsentNotOffered
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        if consent == RecordingConsent.NEEDED and locked.has_call:
            raise CallRunning
        locked.conversation.recording_consent = consent
        locked.save_changes("recording_consent")
    conversation.recording_consent = consent


@retried
def set_public(
    *,
    conversation: Conversation,
    public: bool,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
    password: str = "",
) -> None:
    """Open a group conversation to everybody who has the link, or close it again.

    ``password`` is what newcomers need when it is opened; empty leaves what it had before.
    Closing removes everybody who came by the link: guests, moderators or not, self-joined users,
    and e-mail invitees (behaviour 4.6). Raises ``InvalidValue`` for one-to-one conversations,
    ``MayNotMakePublic``, ``PasswordNeeded`` where the site forces passwords, ``ServerBusy``, and
    ``ManagedByHost`` where an object of the host decides who comes in.
    """
    policies.require(policies.stays_one_to_one(conversation))
    by = participants.actor_of(performed_by)
    if public:
        policies.require(policies.may_make_public(by, conversation))
    hashed = conversation_options.hashed_password(password) if public else ""
    kind = ConversationType.PUBLIC if public else ConversationType.GROUP
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        if locked.conversation.type == kind:
            return
        policies.require(policies.link_refuses(locked.conversation, Allow.PUBLIC))
        locked.conversation.type = kind
        changed = ["type"]
        if hashed:
            locked.conversation.password = hashed
            changed.append("password")
        if public:
            has_password = bool(locked.conversation.password)
            policies.require(policies.may_be_public(by, has_password=has_password))
        locked.save_changes(*changed)
        if not public:
            uninvited = passing() | Q(actor_type=ActorType.EMAILS)
            locked.remove_attendees(
                locked.conversation.attendees.filter(uninvited), LegReason.REMOVED
            )
    conversation.type = kind
    if hashed:
        conversation.password = hashed


@retried
def set_read_only(
    *,
    conversation: Conversation,
    state: ReadOnly,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
) -> None:
    """Lock or unlock a conversation for ``performed_by``; locking ends its call (behaviour 12/2).

    Raises ``InvalidValue`` for one-to-one conversations, which cannot be locked, and for former
    ones, which cannot be unlocked.
    """
    if conversation.is_former:
        raise InvalidValue(_("The account of the other one is deleted."))
    if conversation.is_one_to_one and state != ReadOnly.READ_WRITE:
        raise InvalidValue(_("A one-to-one conversation cannot be locked."))
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        locked.conversation.read_only = state
        locked.save_changes("read_only")
        locked.remove_refused(policies.is_writable, LegReason.READ_ONLY)
    conversation.read_only = state


@retried
def set_password(
    *,
    conversation: Conversation,
    password: str,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
) -> None:
    """Set the password that newcomers need, or remove it with an empty one.

    Raises ``NotPublic`` for conversations that nobody can join without an invitation,
    ``PasswordNeeded`` for an empty one where the site forces passwords, and ``ServerBusy``.
    """
    if not conversation.is_public:
        raise NotPublic
    by = participants.actor_of(performed_by)
    policies.require(policies.may_be_public(by, has_password=bool(password)))
    hashed = conversation_options.hashed_password(password)
    # The conversation may have been deleted meanwhile, which is no error.
    with (
        suppress(NoSuchConversation),
        locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked,
    ):
        locked.conversation.password = hashed
        locked.save_changes("password")
    conversation.password = hashed


@retried
def delete(
    *, conversation: Conversation, now: datetime | None = None, performed_by: Attendee | None = None
) -> None:
    """Delete a conversation with its attendees and sessions; its call ends, its history stays."""
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        locked.record(AuditAction.CONVERSATION_DELETED, performed_by)
        locked.delete_conversation()


@retried
def close(*, conversation: Conversation, now: datetime) -> None:
    """End the call and close all sessions of a conversation that the host is deleting.

    Raises ``NoSuchConversation`` if it has been deleted already.
    """
    with locking.locked(conversation.pk, now=now) as locked:
        locked.record(AuditAction.CONVERSATION_DELETED, None)
        sessions = locked.conversation.sessions.select_related("attendee__user")
        locked.close_sessions(list(sessions), LegReason.CONVERSATION_DELETED)
        locked.add_event(ConversationChanged, changed=("deleted",))


def forget_user(*, user: HostUser, now: datetime | None = None) -> None:
    """Remove a user from all conversations, before the account is deleted (behaviour 4.6).

    Conversations in which no other user is left are deleted, but for linked ones. The other user of
    a one-to-one keeps it without a name, and nobody can call in it any more. History still names
    them (``privacy.erasure``).
    """
    memberships = Attendee.objects.filter(user=user).select_related("conversation", "user")
    for attendee in memberships.order_by("conversation_id"):
        users = Attendee.objects.filter(conversation=attendee.conversation, user__isnull=False)
        with suppress(NoSuchConversation):
            if attendee.conversation.is_linked or users.exclude(pk=attendee.pk).exists():
                participants.remove(attendee=attendee, now=now, end=SessionEnd.ACCOUNT_DISABLED)
            else:
                delete(conversation=attendee.conversation, now=now)
    # Also those that the user left before.
    pairs = Conversation.objects.filter(pair_key__contains=json.dumps(str(user.pk)))
    for conversation in pairs.order_by("pk"):
        with suppress(NoSuchConversation):
            _close_pair(conversation, now=now)


@retried
def _close_pair(conversation: Conversation, *, now: datetime | None) -> None:
    """Make a one-to-one a former one; a call in it ends.

    Without a pair key, a new account that gets the same primary key does not get into it.
    """
    with locking.locked(conversation.pk, now=now) as locked:
        locked.conversation.type = ConversationType.FORMER_ONE_TO_ONE
        locked.conversation.read_only = ReadOnly.READ_ONLY
        locked.conversation.pair_key = None
        locked.save_changes("type", "read_only", "pair_key")
        locked.remove_refused(policies.is_writable, LegReason.READ_ONLY)


def _change(
    conversation: Conversation,
    values: Mapping[str, object],
    *,
    now: datetime | None,
    performed_by: Attendee | None,
) -> None:
    """Store new values of fields that no rule of a call depends on, and report the change.

    ``values`` are by field name. Raises ``ManagedByHost`` for what a link does not allow.
    """
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        if any(is_fixed(locked.conversation, field) for field in values):
            raise ManagedByHost
        for field, value in values.items():
            setattr(locked.conversation, field, value)
            setattr(conversation, field, value)
        locked.save_changes(*values)
