"""Bans: keeping somebody out of a conversation until a moderator lets them in again.

Whoever is banned is removed in the same transaction, so nobody who belongs to a conversation is
banned from it: only those are looked for among bans who come in from outside (``banned``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from talk_calls import policies
from talk_calls.constants import (
    ACTOR_ID_MAX_LENGTH,
    BAN_NOTE_MAX_LENGTH,
    MOST_BANS,
    SHOWN_NOTE_MAX_LENGTH,
    ActorType,
    BanKind,
    LegReason,
    SessionEnd,
)
from talk_calls.db.retries import retried
from talk_calls.db.text import is_storable
from talk_calls.exceptions import (
    BanNoteTooLong,
    NoSuchTarget,
    NotBannable,
    NotBannableOneself,
    TooManyBans,
)
from talk_calls.host import networks
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Ban, Conversation
from talk_calls.models.audit import AuditAction
from talk_calls.services import events, locking, participants
from talk_calls.services.locked_conversation import LockedConversation


@dataclass(frozen=True, slots=True)
class Notes:
    """What is noted about a ban: ``internal`` for moderators, ``shown`` for who is banned."""

    internal: str = ""
    shown: str = ""

    def check(self) -> None:
        """Raise ``BanNoteTooLong`` for a note that is too long, or cannot be stored."""
        texts = ((self.internal, BAN_NOTE_MAX_LENGTH), (self.shown, SHOWN_NOTE_MAX_LENGTH))
        if any(len(text) > most or not is_storable(text) for text, most in texts):
            raise BanNoteTooLong


NO_NOTES = Notes()


@dataclass(frozen=True, slots=True)
class _Target:
    """Whom a ban is about; ``actor_id`` is empty for users, ``browser`` for all but guests."""

    kind: BanKind
    actor_id: str = ""
    user: HostUser | None = None
    browser: str = ""
    name: str = ""

    @property
    def identity(self) -> dict[str, Any]:
        """Return what no two bans of a conversation share."""
        if self.user is not None:
            return {"user": self.user}
        return {"user": None, "actor_type": self.kind, "actor_id": self.actor_id}

    def attendees(self, conversation: Conversation) -> QuerySet[Attendee]:
        """Return who is removed: a guest with all windows of the browser."""
        there = conversation.attendees.all()
        if self.kind == BanKind.ADDRESSES:
            return there.none()  # nobody knows from which address a guest is there
        if self.user is not None:
            return there.filter(user=self.user)
        condition = Q(actor_id=self.actor_id)
        if self.browser:
            condition |= Q(browser=self.browser)
        return there.filter(condition, actor_type=self.kind).order_by("pk")


def ban(  # noqa: PLR0913 -- one keyword per fact about it
    *,
    conversation: Conversation,
    kind: BanKind,
    actor_id: str,
    notes: Notes = NO_NOTES,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
    own_network: str = "",
) -> Ban:
    """Ban a user, a guest, an e-mail invitee or an address, as clients name them.

    A user need not belong to the conversation, if ``performed_by`` may find them. An address is
    one of the internet; of an IPv6 address the /64 is banned. ``own_network`` is that of who acts,
    so that nobody bans themselves, nor a proxy of the site for which all requests seem to come
    from. Raises ``NoBansHere``, ``NotBannable``, ``NotBannableOneself``, ``ModeratorStays``,
    ``ManagedByHost`` for whom an object of the host wants there, ``BanNoteTooLong``, and
    ``TooManyBans``.
    """
    policies.require(policies.takes_bans(conversation))
    notes.check()
    target = _target(conversation, kind, actor_id, performed_by, own_network)
    return _ban(conversation, target, notes, performed_by, now)


def ban_attendee(
    *,
    attendee: Attendee,
    notes: Notes = NO_NOTES,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
) -> Ban:
    """Ban somebody who belongs to a conversation; raises as ``ban``, ``NotBannable`` for groups."""
    policies.require(policies.takes_bans(attendee.conversation))
    notes.check()
    return _ban(attendee.conversation, _target_of(attendee), notes, performed_by, now)


@retried
def lift(
    *,
    conversation: Conversation,
    ban_id: int,
    performed_by: Attendee | None = None,
    now: datetime | None = None,
) -> None:
    """Lift a ban: whoever it kept out may come in again. Raises ``NoSuchTarget``."""
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        found = locked.conversation.bans.select_related("user").filter(pk=ban_id).first()
        if found is None:
            raise NoSuchTarget
        locked.record(
            AuditAction.BAN_LIFTED, performed_by, target=_as_attendee(found), ban=found.pk
        )
        found.delete()


def of(conversation: Conversation) -> QuerySet[Ban]:
    """Return the bans of a conversation with their users, the newest first."""
    return conversation.bans.select_related("user").order_by("-pk")[:MOST_BANS]


def _target(
    conversation: Conversation,
    kind: BanKind,
    actor_id: str,
    performed_by: Attendee | None,
    own_network: str,
) -> _Target:
    if len(actor_id) > ACTOR_ID_MAX_LENGTH or not is_storable(actor_id):
        raise NotBannable
    match kind:
        case BanKind.USERS:
            return _user(conversation, actor_id, performed_by)
        case BanKind.ADDRESSES:
            return _address(actor_id, own_network)
    there = conversation.attendees.filter(actor_type=kind, actor_id=actor_id).first()
    if there is None:
        raise NotBannable
    return _target_of(there)


def _target_of(attendee: Attendee) -> _Target:
    if attendee.actor_type == ActorType.GROUPS:
        raise NotBannable
    return _Target(
        BanKind(attendee.actor_type),
        actor_id=attendee.actor_id,
        user=attendee.user,
        browser=attendee.browser,
        name=attendee.display_name,
    )


def _user(conversation: Conversation, user_id: str, performed_by: Attendee | None) -> _Target:
    """Return a user who belongs to the conversation, or whom a moderating user may find."""
    try:
        there = participants.find(conversation=conversation, user_id=user_id)
    except NoSuchTarget:
        pass
    else:
        return _target_of(there)
    by = participants.actor_of(performed_by)
    if by is not None and by.user is None:
        raise NotBannable  # a guest who moderates finds nobody who is not there
    try:
        user = participants.find_user(user_id, viewer=by.user if by else None)
    except NoSuchTarget as unknown:
        raise NotBannable from unknown
    if policies.may_see_user(by, user):
        raise NotBannable
    return _Target(BanKind.USERS, user=user, name=participants.name_of(user))


def _address(text: str, own_network: str) -> _Target:
    network = networks.public_network_of(text)
    if network is None:
        raise NotBannable
    if network == own_network:
        raise NotBannableOneself
    return _Target(BanKind.ADDRESSES, actor_id=network)


@retried
def _ban(
    conversation: Conversation,
    target: _Target,
    notes: Notes,
    performed_by: Attendee | None,
    now: datetime | None,
) -> Ban:
    with locking.locked(conversation.pk, now=now, performed_by=performed_by, touch=True) as locked:
        there = list(target.attendees(locked.conversation).select_related("user"))
        for attendee in there:
            policies.require(policies.may_ban(locked.conversation, attendee, performed_by))
        known = locked.conversation.bans.filter(**target.identity).first()
        if known is None and locked.conversation.bans.count() >= MOST_BANS:
            raise TooManyBans
        stored = _store(known, locked, target, notes, performed_by)
        locked.record(
            AuditAction.BANNED,
            performed_by,
            target=_as_attendee(stored),
            reason=notes.internal,
            ban=stored.pk,
        )
        if there:
            participants.announce_removed(locked, there, performed_by)
            locked.session_end = SessionEnd.BANNED
            locked.remove_attendees(target.attendees(locked.conversation), LegReason.REMOVED)
        return stored


def _as_attendee(ban: Ban) -> Attendee:
    """Return who is banned as an attendee that is not saved, as the audit trail takes people.

    An address is kept in the ban alone, and goes with it.
    """
    is_address = ban.actor_type == BanKind.ADDRESSES
    return Attendee(
        user=ban.user,
        actor_type=ban.actor_type,
        actor_id="" if is_address else ban.actor_id,
        display_name=ban.display_name,
    )


def _store(
    known: Ban | None,
    locked: LockedConversation,
    target: _Target,
    notes: Notes,
    performed_by: Attendee | None,
) -> Ban:
    """Store a ban, or the new notes of one that is there already."""
    moderator = events.identity(performed_by)
    stored = known or Ban(
        conversation=locked.conversation,
        user=target.user,
        actor_type=target.kind,
        actor_id=target.actor_id,
        created_at=locked.now,
    )
    stored.browser = target.browser or stored.browser
    stored.display_name = target.name
    stored.internal_note, stored.shown_note = notes.internal, notes.shown
    stored.moderator_type = moderator["actor_type"]
    stored.moderator_id = moderator["actor_id"]
    stored.moderator_name = moderator["display_name"]
    stored.save()
    return stored
