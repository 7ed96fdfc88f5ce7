"""Changing what conversations allow, and deleting them."""

import json
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import (
    RENAME_MAX_BYTES,
    ActorType,
    ConsentRule,
    ConversationType,
    LegReason,
    Listable,
    ReadOnly,
    RecordingConsent,
)
from talk_calls.db.retries import retried
from talk_calls.exceptions import (
    CallRunning,
    ConsentNotOffered,
    InvalidValue,
    NoSuchConversation,
    NotPublic,
)
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.models.attendees import passing
from talk_calls.services import creation, locking, participants
from talk_calls.signals import ConversationChanged


@retried
def rename(
    *, conversation: Conversation, name: str, now: datetime, performed_by: Attendee | None = None
) -> None:
    """Give a conversation another name.

    Raises ``InvalidValue`` for one-to-one conversations, which are named after the other one, and
    for a name that is empty or longer than 200 bytes (behaviour 6.1).
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation is named after the other one."))
    _change(conversation, now, performed_by, name=creation.checked_name(name, RENAME_MAX_BYTES))


@retried
def describe(
    *,
    conversation: Conversation,
    description: str,
    now: datetime,
    performed_by: Attendee | None = None,
) -> None:
    """Set or remove the description.

    Raises ``InvalidValue`` for one-to-one conversations and beyond 500 characters.
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation has no description."))
    _change(conversation, now, performed_by, description=creation.checked_description(description))


@retried
def edit(*, conversation: Conversation, fields: Collection[str], now: datetime) -> None:
    """Store ``fields`` as they stand in ``conversation``, which somebody edited as a whole.

    Only for fields that no rule of a call depends on.
    """
    _change(conversation, now, None, **{field: getattr(conversation, field) for field in fields})


@retried
def set_listable(
    *,
    conversation: Conversation,
    scope: Listable,
    now: datetime,
    performed_by: Attendee | None = None,
) -> None:
    """Say who finds the conversation uninvited; raises ``InvalidValue`` for one-to-one ones."""
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation is in no list."))
    _change(conversation, now, performed_by, listable=scope)


@retried
def set_recording_consent(
    *,
    conversation: Conversation,
    consent: RecordingConsent,
    performed_by: Attendee | None,
    now: datetime,
) -> None:
    """Say whether joining takes the consent to be recorded (behaviour 5).

    Raises ``ConsentNotOffered`` where the site decides, and ``CallRunning`` for asking those who
    are in already.
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
    *, conversation: Conversation, public: bool, now: datetime, performed_by: Attendee | None = None
) -> None:
    """Open a group conversation to everybody who has the link, or close it again.

    Closing removes whoever only followed the link: guests, moderators or not, self-joined users,
    and whom the link was mailed to (behaviour 4.6). Raises ``InvalidValue`` for one-to-one
    conversations.
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation stays one."))
    kind = ConversationType.PUBLIC if public else ConversationType.GROUP
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        if locked.conversation.type == kind:
            return
        locked.conversation.type = kind
        locked.save_changes("type")
        if not public:
            uninvited = passing() | Q(actor_type=ActorType.EMAILS)
            locked.remove_attendees(
                locked.conversation.attendees.filter(uninvited), LegReason.REMOVED
            )
    conversation.type = kind


@retried
def set_read_only(
    *,
    conversation: Conversation,
    state: ReadOnly,
    now: datetime,
    performed_by: Attendee | None = None,
) -> None:
    """Lock or unlock a conversation for ``performed_by``; locking ends its call (behaviour 12/2).

    Raises ``InvalidValue`` for one-to-one conversations, which only can be read-write.
    """
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
    now: datetime,
    performed_by: Attendee | None = None,
) -> None:
    """Set the password that newcomers need, or remove it with an empty one.

    Raises ``NotPublic`` where nobody comes uninvited.
    """
    if not conversation.is_public:
        raise NotPublic
    hashed = creation.hashed_password(password)
    # The conversation may be gone by now, which is no error.
    with (
        suppress(NoSuchConversation),
        locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked,
    ):
        locked.conversation.password = hashed
        locked.save_changes("password")
    conversation.password = hashed


@retried
def delete(
    *, conversation: Conversation, now: datetime, performed_by: Attendee | None = None
) -> None:
    """Delete a conversation with its attendees and sessions; its call ends, its history stays."""
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        locked.delete_conversation()


@retried
def close(*, conversation: Conversation, now: datetime) -> None:
    """End the call and close all sessions of a conversation that somebody else deletes.

    Raises ``NoSuchConversation`` if it is gone already.
    """
    with locking.locked(conversation.pk, now=now) as locked:
        sessions = locked.conversation.sessions.select_related("attendee__user")
        locked.close_sessions(list(sessions), LegReason.CONVERSATION_DELETED)
        locked.add_event(ConversationChanged, changed=("deleted",))


def forget_user(*, user: HostUser, now: datetime) -> None:
    """Take a user out of everything, as when the account is deleted (behaviour 4.6).

    Conversations in which no other user is left go too.
    """
    memberships = Attendee.objects.filter(user=user).select_related("conversation")
    for attendee in memberships.order_by("conversation_id"):
        users = Attendee.objects.filter(conversation=attendee.conversation, user__isnull=False)
        with suppress(NoSuchConversation):
            if users.exclude(pk=attendee.pk).exists():
                participants.remove(attendee=attendee, now=now)
            else:
                delete(conversation=attendee.conversation, now=now)
    # The other half keeps the conversation, but nobody who inherits the key gets into it.
    Conversation.objects.filter(pair_key__contains=json.dumps(str(user.pk))).update(pair_key=None)


def _change(
    conversation: Conversation, now: datetime, performed_by: Attendee | None, **values: Any
) -> None:
    """Store fields that no rule of a call depends on, and have it told."""
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        for field, value in values.items():
            setattr(locked.conversation, field, value)
            setattr(conversation, field, value)
        locked.save_changes(*values)
