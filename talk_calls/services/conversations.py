"""Making conversations, and changing what they allow."""

import json
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Q

from talk_calls import clock, policies
from talk_calls.actors import HostUser
from talk_calls.conf import conf
from talk_calls.constants import (
    DESCRIPTION_MAX_LENGTH,
    NAME_MAX_BYTES,
    OBJECT_MAX_BYTES,
    RENAME_MAX_BYTES,
    RESERVED_OBJECT_TYPES,
    RESERVED_TOKENS,
    TOKEN_PATTERN,
    ActorType,
    ConsentRule,
    ConversationType,
    LegReason,
    Listable,
    LobbyState,
    ParticipantType,
    Permission,
    PermissionChange,
    ReadOnly,
    RecordingConsent,
)
from talk_calls.exceptions import (
    CallRunning,
    CannotInviteOneself,
    ConsentNotOffered,
    InvalidValue,
    NoSuchConversation,
    NoSuchTarget,
    NotPublic,
)
from talk_calls.models import Attendee, Conversation
from talk_calls.models.attendees import passing
from talk_calls.services import books, groups, participants
from talk_calls.services.conflicts import retried

#: Letters and digits that nobody mixes up (constants 1.7).
_TOKEN_ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789"
_TOKEN_LENGTH = 13  # 65 bits: nobody finds a conversation by guessing


def generate_token() -> str:
    """Return an unguessable token in the shape that routes accept."""
    return "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(_TOKEN_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a new group or public conversation may come with, besides its name (talk-api.md 6.1).

    ``lobby_timer`` is when the lobby falls by itself, ``permissions`` are those of attendees by
    default, ``object_type`` and ``object_id`` say what it belongs to.
    """

    description: str = ""
    password: str = ""
    read_only: ReadOnly = ReadOnly.READ_WRITE
    listable: Listable = Listable.PARTICIPANTS
    lobby_state: LobbyState = LobbyState.NONE
    lobby_timer: datetime | None = None
    permissions: int = Permission.DEFAULT
    recording_consent: RecordingConsent = RecordingConsent.NOT_NEEDED
    object_type: str = ""
    object_id: str = ""


NO_TERMS = Terms()


def create(
    *,
    kind: ConversationType,
    name: str,
    owner: HostUser | None = None,
    token: str | None = None,
    terms: Terms = NO_TERMS,
) -> Conversation:
    """Create a group or public conversation; ``owner`` becomes its owner.

    ``token`` is generated unless given. Raises ``InvalidValue`` if the trimmed name is empty or
    longer than 255 bytes (talk-api.md 6.2), if no route could carry the token, or for terms that
    could not be set later either; ``NotPublic`` for a password where nobody needs one, and
    ``ConsentNotOffered``.
    """
    if token is not None and (token in RESERVED_TOKENS or not re.fullmatch(TOKEN_PATTERN, token)):
        raise InvalidValue("A token is 4 to 30 of a–z and 0–9, and no word of a route.")
    # Before the transaction, for a password is hashed slowly.
    fields = {"name": _checked_name(name, NAME_MAX_BYTES), **_fields_of(terms, kind)}
    with transaction.atomic():
        conversation = Conversation.objects.create(
            token=token or generate_token(), type=kind, **fields
        )
        if owner is not None:
            participants.add_user(
                conversation=conversation, user=owner, participant_type=ParticipantType.OWNER
            )
    return conversation


@transaction.atomic
def create_from_group(
    *, group_id: str, source: str, owner: HostUser, terms: Terms = NO_TERMS
) -> Conversation:
    """Create a conversation named after a group of the host, with its members.

    Raises as ``create``, ``InvalidValue`` for a source other than groups, ``NoSuchTarget`` for an
    unknown group.
    """
    if source != "groups":
        raise InvalidValue("There is no such source of members.")
    group = conf.directory.find_group(group_id)
    if group is None:
        raise NoSuchTarget
    conversation = create(
        kind=ConversationType.GROUP, name=str(group)[:64], owner=owner, terms=terms
    )
    groups.add(conversation=conversation, group_id=group_id, now=clock.now())
    return conversation


def create_one_to_one(*, user: HostUser, other: HostUser) -> tuple[Conversation, bool]:
    """Return the conversation of two users and whether it is new; both are owners.

    An existing one is refilled. Raises ``CannotInviteOneself``.
    """
    if user.pk == other.pk:
        raise CannotInviteOneself
    pair = _pair_key(user, other)
    conversation = Conversation.objects.filter(pair_key=pair).first()
    created = False
    if conversation is None:
        conversation, created = _create_pair(pair)
    refill(conversation=conversation)
    return conversation, created


def refill(*, conversation: Conversation) -> None:
    """Bring back whoever of a one-to-one conversation is missing and still exists, as owner.

    Does nothing in any other conversation (talk-api.md 4.1/8).
    """
    if not conversation.is_one_to_one or not conversation.pair_key:
        return
    named = json.loads(conversation.pair_key)
    if Attendee.objects.filter(conversation=conversation).count() == len(named):
        return
    for user in conf.directory.find_users(named):
        participants.add_user(
            conversation=conversation, user=user, participant_type=ParticipantType.OWNER
        )


@retried
def rename(
    *, conversation: Conversation, name: str, now: datetime, by: Attendee | None = None
) -> None:
    """Give a conversation another name.

    Raises ``InvalidValue`` for one-to-one conversations, which are named after the other one, and
    for a name that is empty or longer than 200 bytes (talk-api.md 6.1).
    """
    if conversation.is_one_to_one:
        raise InvalidValue("A one-to-one conversation is named after the other one.")
    _change(conversation, now, by, name=_checked_name(name, RENAME_MAX_BYTES))


@retried
def describe(
    *, conversation: Conversation, description: str, now: datetime, by: Attendee | None = None
) -> None:
    """Set or remove the description.

    Raises ``InvalidValue`` for one-to-one conversations and beyond 500 characters.
    """
    if conversation.is_one_to_one:
        raise InvalidValue("A one-to-one conversation has no description.")
    _change(conversation, now, by, description=_checked_description(description))


@retried
def edit(*, conversation: Conversation, fields: Collection[str], now: datetime) -> None:
    """Store ``fields`` as they stand in ``conversation``, which somebody edited as a whole.

    Only for fields that no rule of a call depends on.
    """
    _change(conversation, now, None, **{field: getattr(conversation, field) for field in fields})


@retried
def set_listable(
    *, conversation: Conversation, scope: Listable, now: datetime, by: Attendee | None = None
) -> None:
    """Say who finds the conversation uninvited; raises ``InvalidValue`` for one-to-one ones."""
    if conversation.is_one_to_one:
        raise InvalidValue("A one-to-one conversation is in no list.")
    _change(conversation, now, by, listable=scope)


@retried
def set_recording_consent(
    *, conversation: Conversation, consent: RecordingConsent, by: Attendee | None, now: datetime
) -> None:
    """Say whether joining takes the consent to be recorded (talk-api.md 5).

    Raises ``ConsentNotOffered`` where the site decides, and ``CallRunning`` for asking those who
    are in already.
    """
    if conf.recording_consent != ConsentRule.OPTIONAL:
        raise ConsentNotOffered
    with books.opened(conversation.pk, now=now, by=by) as opened:
        if consent == RecordingConsent.NEEDED and opened.has_call:
            raise CallRunning
        opened.conversation.recording_consent = consent
        opened.changed("recording_consent")
    conversation.recording_consent = consent


@retried
def set_public(
    *, conversation: Conversation, public: bool, now: datetime, by: Attendee | None = None
) -> None:
    """Open a group conversation to everybody who has the link, or close it again.

    Closing removes whoever only followed the link: guests, moderators or not, self-joined users,
    and whom the link was mailed to (talk-api.md 4.6). Raises ``InvalidValue`` for one-to-one
    conversations.
    """
    if conversation.is_one_to_one:
        raise InvalidValue("A one-to-one conversation stays one.")
    kind = ConversationType.PUBLIC if public else ConversationType.GROUP
    with books.opened(conversation.pk, now=now, by=by) as opened:
        if opened.conversation.type == kind:
            return
        opened.conversation.type = kind
        opened.changed("type")
        if not public:
            uninvited = passing() | Q(actor_type=ActorType.EMAILS)
            opened.dismiss(opened.conversation.attendees.filter(uninvited), LegReason.REMOVED)
    conversation.type = kind


@retried
def set_read_only(
    *, conversation: Conversation, state: ReadOnly, now: datetime, by: Attendee | None = None
) -> None:
    """Lock or unlock a conversation for ``by``; locking ends its call (talk-api.md 12/2).

    Raises ``InvalidValue`` for one-to-one conversations, which only can be read-write.
    """
    if conversation.is_one_to_one and state != ReadOnly.READ_WRITE:
        raise InvalidValue("A one-to-one conversation cannot be locked.")
    with books.opened(conversation.pk, now=now, by=by) as opened:
        opened.conversation.read_only = state
        opened.changed("read_only")
        opened.remove_those_who(policies.is_writable, LegReason.READ_ONLY)
    conversation.read_only = state


@retried
def set_password(
    *, conversation: Conversation, password: str, now: datetime, by: Attendee | None = None
) -> None:
    """Set the password that newcomers need, or remove it with an empty one.

    Raises ``NotPublic`` where nobody comes uninvited.
    """
    if not conversation.is_public:
        raise NotPublic
    hashed = _hashed(password)
    # The conversation may be gone by now, which is no error.
    with suppress(NoSuchConversation), books.opened(conversation.pk, now=now, by=by) as opened:
        opened.conversation.password = hashed
        opened.changed("password")
    conversation.password = hashed


@retried
def delete(*, conversation: Conversation, now: datetime, by: Attendee | None = None) -> None:
    """Delete a conversation with its attendees and sessions; its call ends, its history stays."""
    with books.opened(conversation.pk, now=now, by=by) as opened:
        opened.delete_conversation()


def forget_user(*, user: HostUser, now: datetime) -> None:
    """Take a user out of everything, as when the account is deleted (talk-api.md 4.6).

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


def _checked_name(name: str, max_bytes: int) -> str:
    name = name.strip()
    if not name:
        raise InvalidValue("The conversation needs a name.")
    if len(name.encode()) > max_bytes:
        raise InvalidValue(f"The name is longer than {max_bytes} bytes.")
    return name


def _checked_description(description: str) -> str:
    description = description.strip()
    if len(description) > DESCRIPTION_MAX_LENGTH:
        raise InvalidValue(f"The description is longer than {DESCRIPTION_MAX_LENGTH} characters.")
    return description


def _hashed(password: str) -> str:
    return make_password(password) if password else ""


def _fields_of(terms: Terms, kind: ConversationType) -> dict[str, Any]:
    """Return the model fields for checked terms."""
    if terms.password and kind != ConversationType.PUBLIC:
        raise NotPublic
    needs_consent = terms.recording_consent == RecordingConsent.NEEDED
    if needs_consent and conf.recording_consent != ConsentRule.OPTIONAL:
        raise ConsentNotOffered
    if not 0 <= terms.permissions <= Permission.MAX_CUSTOM:
        raise InvalidValue(f"Permissions are a number from 0 to {Permission.MAX_CUSTOM}.")
    named = (terms.object_type, terms.object_id)
    if all(named) != any(named) or any(len(n.encode()) > OBJECT_MAX_BYTES for n in named):
        raise InvalidValue(f"An object has a type and an id, of up to {OBJECT_MAX_BYTES} bytes.")
    if terms.object_type in RESERVED_OBJECT_TYPES:
        raise InvalidValue("Conversations of that kind are not made here.")
    if terms.object_type and terms.lobby_state:
        raise InvalidValue("A conversation that belongs to something has no lobby.")
    values = asdict(terms)
    permissions = values.pop("permissions")
    return {
        **values,
        "description": _checked_description(terms.description),
        "password": _hashed(terms.password),
        "lobby_timer": terms.lobby_timer if terms.lobby_state else None,
        "default_permissions": policies.changed_permissions(0, PermissionChange.SET, permissions),
    }


def _change(conversation: Conversation, now: datetime, by: Attendee | None, **values: Any) -> None:
    """Store fields that no rule of a call depends on, and have it told."""
    with books.opened(conversation.pk, now=now, by=by) as opened:
        for field, value in values.items():
            setattr(opened.conversation, field, value)
            setattr(conversation, field, value)
        opened.changed(*values)


def _pair_key(user: HostUser, other: HostUser) -> str:
    return json.dumps(sorted([str(user.pk), str(other.pk)]))


def _create_pair(pair: str) -> tuple[Conversation, bool]:
    """Create the conversation of a pair, or find the one that a simultaneous request made."""
    try:
        with transaction.atomic():
            return Conversation.objects.create(
                token=generate_token(), type=ConversationType.ONE_TO_ONE, pair_key=pair
            ), True
    except IntegrityError:
        return Conversation.objects.get(pair_key=pair), False
