"""Inviting and removing users, groups and e-mail addresses (behaviour 7.2)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls import email_addresses, policies
from talk_calls.conf import conf
from talk_calls.constants import (
    MAIL_INTERVAL,
    MOST_INVITEES,
    ActorType,
    Allow,
    ConversationType,
    LegReason,
    ParticipantType,
)
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import InvalidValue, NoSuchTarget
from talk_calls.host.addresses import call_address
from talk_calls.models import Attendee, Conversation
from talk_calls.models.audit import AuditAction
from talk_calls.services import banned, groups, locking, participants
from talk_calls.services.locked_conversation import LockedConversation
from talk_calls.signals import ConversationChanged


def invite_user(
    *, conversation: Conversation, user_id: str, performed_by: Attendee | None = None
) -> None:
    """Add the user with this id.

    Raises ``InvalidValue`` in a one-to-one conversation, ``NoSuchTarget`` for an unknown id and for
    a user whom ``performed_by`` may not find or see, ``MayNotInvite``, ``MayNotBeInvited``,
    ``InviteeBanned``; and ``ConversationFull``, where it is no operator who invites.
    """
    policies.require(policies.stays_one_to_one(conversation))
    by = participants.actor_of(performed_by)
    user = participants.find_user(user_id, viewer=by.user if by else None)
    policies.require(policies.may_invite_user(by, user, conversation))
    participants.add_user(
        conversation=conversation, user=user, bounded=by is not None, performed_by=performed_by
    )


def invite_email(
    *,
    conversation: Conversation,
    address: str,
    site: str,
    performed_by: Attendee | None,
    now: datetime,
) -> bool:
    """Invite an e-mail address and send it the link; return whether that made it public.

    ``site`` is the URL to which that of the call page may be relative. People without an
    account join by the link, so the conversation becomes public. An address that was invited before
    gets no second mail. Raises ``InvalidValue`` if the site sends no invitations, for text that is
    no address, beyond 100 addresses, and in a one-to-one conversation; ``MayNotInvite`` and
    ``MayNotMakePublic``; ``PasswordNeeded`` where it is not public yet, has no password and the
    site forces them; ``ManagedByHost`` where the link to an object of the host does not allow
    outsiders, or to make it public; ``InviteeBanned``; and ``ConversationFull``, where it is no
    operator who invites.
    """
    return invite_emails(
        conversation=conversation,
        addresses=[address],
        site=site,
        performed_by=performed_by,
        now=now,
    )


@retried
def invite_emails(
    *,
    conversation: Conversation,
    addresses: Collection[str],
    site: str,
    performed_by: Attendee | None,
    now: datetime,
) -> bool:
    """Do what ``invite_email`` does for several addresses, in as many statements; raises as it."""
    policies.require(policies.stays_one_to_one(conversation))
    policies.require(policies.link_refuses(conversation, Allow.OUTSIDERS))
    if not conf.call_page:
        raise InvalidValue(_("This site sends no invitations by e-mail."))
    addresses = checked_addresses(addresses)
    by = participants.actor_of(performed_by)
    with locking.locked(conversation.pk, now=now, performed_by=performed_by, touch=True) as locked:
        for address in addresses:
            policies.require(policies.may_invite_email(by, address, locked.conversation))
        published = not locked.conversation.is_public
        banned.refuse_addresses(locked.conversation, addresses)
        if published:
            policies.require(policies.link_refuses(locked.conversation, Allow.PUBLIC))
            has_password = bool(locked.conversation.password)
            policies.require(policies.may_be_public(by, has_password=has_password))
            locked.conversation.type = ConversationType.PUBLIC
            locked.save_changes("type")
        if invitees := _add(locked, addresses):
            for invitee in invitees:
                locked.record(AuditAction.ATTENDEE_ADDED, performed_by, target=invitee)
            if by is not None:
                participants.refuse_beyond_bound(locked)
            _send(invitees, locked.conversation, site, locked.now)
    conversation.type = ConversationType.PUBLIC
    return published


@retried
def resend(
    *,
    conversation: Conversation,
    attendee_id: int | None,
    site: str,
    performed_by: Attendee | None,
    now: datetime,
) -> None:
    """Send the mail again, to one invitee or with None to all.

    ``site`` is as for ``invite_email``. Invitees who got a mail within the last ten minutes get no
    other. Raises ``NoSuchTarget`` for an attendee who is no invitee.
    """
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        due = _due(locked.conversation, attendee_id, locked.now)
        _send(due, locked.conversation, site, locked.now)


def checked_addresses(addresses: Iterable[str]) -> list[str]:
    """Return the addresses in one spelling, each once, as ``invite_emails`` invites them.

    Raises ``InvalidValue`` for text that is no address.
    """
    return list(dict.fromkeys(map(email_addresses.checked, addresses)))


def new_addresses(conversation: Conversation, address: str) -> list[str]:
    """Return to which addresses ``invite_email`` would send a mail: this one, or none.

    Raises ``InvalidValue`` for text that is no address.
    """
    address = email_addresses.checked(address)
    return [] if _invitees(conversation).filter(actor_id=address).exists() else [address]


def addresses_due(
    *, conversation: Conversation, attendee_id: int | None, now: datetime
) -> list[str]:
    """Return to which addresses ``resend`` would send a mail now; raises as it."""
    return [each.actor_id for each in _due(conversation, attendee_id, now)]


def _due(conversation: Conversation, attendee_id: int | None, now: datetime) -> list[Attendee]:
    invitees = _invitees(conversation)
    if attendee_id is not None:
        invitees = invitees.filter(pk=attendee_id)
    found = list(invitees.order_by("pk"))
    if attendee_id is not None and not found:
        raise NoSuchTarget
    due = now - MAIL_INTERVAL
    return [each for each in found if each.mailed_at is None or each.mailed_at <= due]


def expel(*, attendee: Attendee, performed_by: Attendee, now: datetime) -> None:
    """Remove an attendee for a moderator; a group with the members who came only with it.

    Raises ``InvalidValue`` in a one-to-one conversation, ``NotOneself``, ``OwnerStays``, and
    ``ManagedByHost`` for a membership that comes from an object of the host.
    """
    policies.require(policies.may_remove(performed_by.conversation, attendee, performed_by))
    _remove(attendee, performed_by, now)


def expel_guest(*, attendee: Attendee, performed_by: Attendee, now: datetime) -> None:
    """Remove a guest for a moderator; raises as ``expel``, and ``InvalidValue`` for a user."""
    if not attendee.is_guest:
        raise InvalidValue(_("That is no guest."))
    expel(attendee=attendee, performed_by=performed_by, now=now)


def expel_as_operator(
    *, attendee: Attendee, now: datetime, performed_by: Attendee | None = None
) -> None:
    """Remove an attendee for an operator or the site; owners can be removed too.

    Raises ``InvalidValue`` in a one-to-one conversation, and ``ManagedByHost`` where the membership
    comes from an object of the host, which would bring it back.
    """
    policies.require(policies.stays_one_to_one(attendee.conversation))
    policies.require(policies.membership_is_fixed(attendee.conversation, attendee))
    _remove(attendee, performed_by, now)


@retried
def expel_many(
    *,
    conversation: Conversation,
    attendees: Collection[Attendee],
    now: datetime,
    performed_by: Attendee | None = None,
) -> None:
    """Remove many users and guests at once, as ``expel_as_operator``; not for groups.

    Raises as ``expel_as_operator``.
    """
    policies.require(policies.stays_one_to_one(conversation))
    for attendee in attendees:
        policies.require(policies.membership_is_fixed(conversation, attendee))
    with locking.locked(conversation.pk, now=now, performed_by=performed_by, touch=True) as locked:
        removed = locked.conversation.attendees.filter(pk__in=[each.pk for each in attendees])
        people = removed.select_related("user").order_by("pk")
        participants.announce_removed(locked, people, performed_by)
        locked.remove_attendees(removed, LegReason.REMOVED)


def _remove(attendee: Attendee, performed_by: Attendee | None, now: datetime) -> None:
    remove = groups.remove if attendee.actor_type == ActorType.GROUPS else participants.remove
    remove(attendee=attendee, now=now, performed_by=performed_by)


def _invitees(conversation: Conversation) -> QuerySet[Attendee]:
    return conversation.attendees.filter(actor_type=ActorType.EMAILS)


def _add(locked: LockedConversation, addresses: Collection[str]) -> list[Attendee]:
    """Add those of these addresses that were not invited yet, and return them."""
    there = set(_invitees(locked.conversation).values_list("actor_id", flat=True))
    new = [address for address in addresses if address not in there]
    if not new:
        return []
    if len(there) + len(new) > MOST_INVITEES:
        raise InvalidValue(
            _("A conversation invites up to {most} e-mail addresses."), most=MOST_INVITEES
        )
    locked.add_event(ConversationChanged, changed=("attendees",))
    return Attendee.objects.bulk_create(
        Attendee(
            conversation=locked.conversation,
            actor_type=ActorType.EMAILS,
            actor_id=address,
            display_name=address,
            participant_type=ParticipantType.GUEST,
            modified_at=locked.now,
        )
        for address in new
    )


def _send(
    invitees: Collection[Attendee], conversation: Conversation, site: str, now: datetime
) -> None:
    """Send the mails when the transaction is committed; a failing mail server is logged.

    They are in the language of the site: that of the invited people is not known.
    """
    if not invitees or not conf.call_page:
        return
    Attendee.objects.filter(pk__in=[each.pk for each in invitees]).update(mailed_at=now)
    link = urljoin(site, call_address(conversation.token))
    with translation.override(settings.LANGUAGE_CODE):
        name = str(conversation)
        subject = gettext("Invitation: {name}").format(name=name)
        sentence = gettext(
            "You are invited to this conversation. Open the link to take part, no account is "
            "needed:"
        )
    text = f"{name}\n\n{sentence}\n\n{link}\n"
    for invitee in invitees:
        mail = EmailMessage(subject, text, to=[invitee.actor_id])
        transactions.on_commit(mail.send, robust=True)
