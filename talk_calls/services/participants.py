"""Who belongs to a conversation."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from talk_calls import clock, policies
from talk_calls.actors import HostUser
from talk_calls.conf import conf
from talk_calls.constants import (
    DISPLAY_NAME_MAX_LENGTH,
    MODERATOR_TYPES,
    LegReason,
    NotificationLevel,
    ParticipantType,
)
from talk_calls.exceptions import InvalidValue, LastModerator, NoSuchConversation, NoSuchTarget
from talk_calls.models import Attendee, Conversation
from talk_calls.models.conversations import lock_conversation
from talk_calls.services import books, events
from talk_calls.services.conflicts import retried
from talk_calls.signals import ConversationChanged


def name_of(user: HostUser) -> str:
    """Return the name to store for a user, cut to what a row can hold."""
    return (conf.directory.display_name(user) or "")[:DISPLAY_NAME_MAX_LENGTH]


def user_called(user_id: str) -> HostUser:
    """Return the user whom clients know by this name; raises ``NoSuchTarget``."""
    user: HostUser | None = conf.directory.find_user(user_id)
    if user is None:
        raise NoSuchTarget
    return user


def invite(*, conversation: Conversation, user_id: str) -> Attendee:
    """Add the user with this name (talk-api.md 7.2).

    Raises ``InvalidValue`` in a one-to-one conversation, ``NoSuchTarget`` for an unknown name.
    """
    if conversation.is_one_to_one:
        raise InvalidValue("A one-to-one conversation stays one.")
    return add_user(conversation=conversation, user=user_called(user_id))


@retried
def add_user(
    *,
    conversation: Conversation,
    user: HostUser,
    participant_type: ParticipantType = ParticipantType.USER,
) -> Attendee:
    """Make ``user`` an attendee; a member stays as is, a self-joined one becomes a member.

    Raises ``NoSuchConversation`` if the conversation was deleted meanwhile.
    """
    with transaction.atomic():
        if not lock_conversation(conversation.pk):
            raise NoSuchConversation
        return _added(conversation, user, participant_type)


def find(
    *,
    conversation: Conversation,
    user_id: str = "",
    session_id: str = "",
    attendee_id: int | None = None,
) -> Attendee:
    """Return the attendee whom a moderator means, in whichever way the version names people.

    Users are named by their id, guests by a session, and anybody by the attendee. Raises
    ``NoSuchTarget`` for whoever is not in this conversation.
    """
    attendees = Attendee.objects.select_related("user").filter(conversation=conversation)
    if attendee_id is not None:
        found = attendees.filter(pk=attendee_id).first()
    elif user_id:
        found = attendees.filter(user=user_called(user_id)).first()
    else:
        found = attendees.filter(sessions__session_id=session_id).first()
    if found is None:
        raise NoSuchTarget
    return found


def add_users(*, conversation: Conversation, users: Iterable[HostUser], besides: HostUser) -> None:
    """Make many users attendees of a new conversation in one statement, all but ``besides``."""
    Attendee.objects.bulk_create(
        Attendee(conversation=conversation, user=user, display_name=name_of(user))
        for user in users
        if user.pk != besides.pk
    )


@retried
def remove(*, attendee: Attendee, now: datetime, by: Attendee | None = None) -> None:
    """Remove an attendee: out of the call, its sessions closed, membership gone."""
    with books.opened(attendee.conversation_id, now=now, by=by) as opened:
        _remove(opened, attendee)


def set_favorite(*, attendee: Attendee, favorite: bool) -> None:
    """Put a conversation among somebody's favourites, or take it out."""
    # An update and not a save: the attendee may be gone by now, which is no error.
    Attendee.objects.filter(pk=attendee.pk).update(is_favorite=favorite)
    attendee.is_favorite = favorite


def set_notification_level(*, attendee: Attendee, level: NotificationLevel) -> None:
    """Say how loudly a conversation calls for somebody's attention."""
    Attendee.objects.filter(pk=attendee.pk).update(notification_level=level)
    attendee.notification_level = level


def expel(*, attendee: Attendee, by: Attendee, now: datetime) -> None:
    """Remove an attendee for a moderator.

    Raises ``InvalidValue`` in a one-to-one conversation, ``NotOneself``, ``OwnerStays``.
    """
    if refusal := policies.may_remove(by.conversation, attendee, by):
        raise refusal
    remove(attendee=attendee, now=now, by=by)


def expel_guest(*, attendee: Attendee, by: Attendee, now: datetime) -> None:
    """Remove a guest for a moderator; raises as ``expel``, and ``InvalidValue`` for a user."""
    if not attendee.is_guest:
        raise InvalidValue("That is no guest.")
    expel(attendee=attendee, by=by, now=now)


@retried
def resign(*, attendee: Attendee, now: datetime) -> None:
    """Give up one's own membership; a conversation without users goes with its last one.

    Raises ``LastModerator`` for the only moderator while other users stay. A one-to-one
    conversation stays, for the other one may call back.
    """
    with books.opened(attendee.conversation_id, now=now, by=attendee) as opened:
        users = opened.conversation.attendees.filter(user__isnull=False).exclude(pk=attendee.pk)
        if not users.exists():
            opened.delete_conversation()
            return
        leads = attendee.is_moderator and not opened.conversation.is_one_to_one
        if leads and not users.filter(participant_type__in=MODERATOR_TYPES).exists():
            raise LastModerator
        _remove(opened, attendee)


def _remove(opened: books.Books, attendee: Attendee) -> None:
    sessions = attendee.sessions.select_related("attendee__user")
    opened.close(list(sessions), LegReason.REMOVED)
    opened.note(ConversationChanged, changed=("attendees",))
    attendee.delete()


def _added(
    conversation: Conversation, user: HostUser, participant_type: ParticipantType
) -> Attendee:
    attendee, created = Attendee.objects.get_or_create(
        conversation=conversation,
        user=user,
        defaults={
            "participant_type": participant_type,
            "display_name": name_of(user),
        },
    )
    if created:
        _tell_attendees_changed(conversation)
    elif attendee.participant_type == ParticipantType.USER_SELF_JOINED:
        attendee.participant_type = participant_type
        attendee.save(update_fields=["participant_type"])
        _tell_attendees_changed(conversation)
    return attendee


def _tell_attendees_changed(conversation: Conversation) -> None:
    now = clock.now()
    event = ConversationChanged(
        conversation_id=conversation.pk, token=conversation.token, at=now, changed=("attendees",)
    )
    events.emit([event], now=now)
