"""Inviting people, groups and e-mail addresses, and sending them away again (talk-api.md 7.2)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction

from talk_calls import policies
from talk_calls.constants import ActorType, ConversationType, ParticipantType
from talk_calls.exceptions import InvalidValue, NoSuchTarget
from talk_calls.models import Attendee, Conversation
from talk_calls.services import books, groups, participants
from talk_calls.services.conflicts import retried
from talk_calls.signals import ConversationChanged

_TEXT = """{name}

You are invited to this conversation. Open the link to take part, no account is needed:

{link}
"""


def invite_user(*, conversation: Conversation, user_id: str, now: datetime) -> None:
    """Add the user with this name.

    Raises ``InvalidValue`` in a one-to-one conversation, ``NoSuchTarget`` for an unknown name.
    """
    _refuse_one_to_one(conversation)
    participants.add_user(conversation=conversation, user=participants.user_called(user_id))


def invite_group(*, conversation: Conversation, group_id: str, now: datetime) -> None:
    """Add a group; raises as ``invite_user``."""
    _refuse_one_to_one(conversation)
    groups.add(conversation=conversation, group_id=group_id, now=now)


@retried
def invite_email(
    *, conversation: Conversation, address: str, link: str, by: Attendee | None, now: datetime
) -> bool:
    """Invite an e-mail address and send it ``link``; return whether that made it public.

    Who has no account comes by the link, so the conversation has to be public. An address that was
    invited before gets no second mail. Raises ``InvalidValue`` for what is no address, and in a
    one-to-one conversation.
    """
    _refuse_one_to_one(conversation)
    address = _checked(address)
    with books.opened(conversation.pk, now=now, by=by, touch=True) as opened:
        published = not opened.conversation.is_public
        if published:
            opened.conversation.type = ConversationType.PUBLIC
            opened.changed("type")
        attendee, created = Attendee.objects.get_or_create(
            conversation=opened.conversation,
            actor_type=ActorType.EMAILS,
            actor_id=address,
            defaults={
                "display_name": address,
                "participant_type": ParticipantType.GUEST,
                "modified_at": opened.now,
            },
        )
        if created:
            opened.note(ConversationChanged, changed=("attendees",))
            _send(attendee, opened.conversation, link)
    conversation.type = ConversationType.PUBLIC
    return published


@transaction.atomic
def resend(*, conversation: Conversation, attendee_id: int | None, link: str) -> None:
    """Send the mail again, to one invitee or with None to all; ``NoSuchTarget`` for no invitee."""
    invitees = conversation.attendees.filter(actor_type=ActorType.EMAILS)
    if attendee_id is not None:
        invitees = invitees.filter(pk=attendee_id)
        if not invitees:
            raise NoSuchTarget
    for invitee in invitees:
        _send(invitee, conversation, link)


def expel(*, attendee: Attendee, by: Attendee, now: datetime) -> None:
    """Remove an attendee for a moderator; a group goes with whoever came only with it.

    Raises ``InvalidValue`` in a one-to-one conversation, ``NotOneself``, ``OwnerStays``.
    """
    if refusal := policies.may_remove(by.conversation, attendee, by):
        raise refusal
    remove = groups.remove if attendee.actor_type == ActorType.GROUPS else participants.remove
    remove(attendee=attendee, now=now, by=by)


def expel_guest(*, attendee: Attendee, by: Attendee, now: datetime) -> None:
    """Remove a guest for a moderator; raises as ``expel``, and ``InvalidValue`` for a user."""
    if not attendee.is_guest:
        raise InvalidValue("That is no guest.")
    expel(attendee=attendee, by=by, now=now)


def _refuse_one_to_one(conversation: Conversation) -> None:
    if conversation.is_one_to_one:
        raise InvalidValue("A one-to-one conversation stays one.")


def _checked(address: str) -> str:
    address = address.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidValue("That is no e-mail address.") from error
    return address


def _send(invitee: Attendee, conversation: Conversation, link: str) -> None:
    """Send the mail when the transaction is committed; a mail server that is away is logged."""
    name = " ".join(str(conversation).split())  # a subject has no line breaks
    address = invitee.actor_id

    def send() -> None:
        text = _TEXT.format(name=name, link=link)
        send_mail(f"Invitation: {name}", text, None, [address])

    transaction.on_commit(send, robust=True)
