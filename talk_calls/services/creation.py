"""Creating conversations."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from talk_calls import names, policies
from talk_calls.conf import conf
from talk_calls.constants import (
    DESCRIPTION_MAX_LENGTH,
    OBJECT_MAX_BYTES,
    RESERVED_OBJECT_TYPES,
    RESERVED_TOKENS,
    TOKEN_PATTERN,
    ConsentRule,
    ConversationType,
    Listable,
    LobbyState,
    ParticipantType,
    Permission,
    PermissionChange,
    ReadOnly,
    RecordingConsent,
    SystemMessageKind,
)
from talk_calls.db import transactions
from talk_calls.exceptions import (
    CannotInviteOneself,
    ConsentNotOffered,
    InvalidValue,
    NoSuchTarget,
    NotPublic,
)
from talk_calls.host import hashing, lookups
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.services import groups, participants, permissions, system_messages

#: Letters and digits that are not mistaken for each other (constants 1.7).
_TOKEN_ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789"
_TOKEN_LENGTH = 13  # 65 random bits, too many to guess


def generate_token() -> str:
    """Return an unguessable token in the shape that routes accept."""
    return "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(_TOKEN_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationOptions:
    """Settings of a new group or public conversation besides its name (behaviour 6.1).

    ``lobby_timer`` is when the lobby opens by itself. ``permissions`` are the default ones of
    attendees. ``object_type`` and ``object_id`` name the object that the conversation belongs to.
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


DEFAULT_OPTIONS = ConversationOptions()


def create(  # noqa: PLR0913 -- one keyword per fact about it
    *,
    kind: ConversationType,
    name: str,
    owner: HostUser | None = None,
    token: str | None = None,
    options: ConversationOptions = DEFAULT_OPTIONS,
    created_by: HostUser | None = None,
    most_bytes: int | None = None,
) -> Conversation:
    """Create a group or public conversation; ``owner`` becomes its owner.

    ``token`` is generated unless given. ``created_by`` is the user about whom the site's policy is
    asked, None for the site itself. Raises ``InvalidValue`` as ``names.checked`` does, to which
    ``most_bytes`` goes, if the token cannot be part of a URL, or for options that could not be set
    later either; ``NotPublic`` for a password of a group conversation, ``ConsentNotOffered``,
    ``MayNotCreate``, ``MayNotMakeListable``, and ``ServerBusy``.
    """
    by = _actor(created_by)
    policies.require(policies.may_create(by, kind))
    if token is not None and (token in RESERVED_TOKENS or not re.fullmatch(TOKEN_PATTERN, token)):
        raise InvalidValue(_("A token is 4 to 30 of a–z and 0–9, and no word of a route."))
    # Before the transaction, since hashing a password is slow.
    conversation = _unsaved(kind, names.checked(name, most_bytes=most_bytes), options)
    conversation.token = token or generate_token()
    if policies.is_listed(conversation):
        policies.require(policies.may_make_listable(by, conversation))
    with transactions.atomic():
        conversation.save(force_insert=True)
        if owner is not None:
            participants.add_user(
                conversation=conversation, user=owner, participant_type=ParticipantType.OWNER
            )
        _announce(conversation, created_by)
    return conversation


@transactions.atomic()
def create_from_group(
    *,
    group_id: str,
    source: str,
    owner: HostUser,
    options: ConversationOptions = DEFAULT_OPTIONS,
    created_by: HostUser | None = None,
) -> Conversation:
    """Create a conversation named after a group of the host, with its members.

    ``created_by`` is as for ``create``. Raises as ``create``, ``InvalidValue`` for a source other
    than groups, ``NoSuchTarget`` for an unknown group and for one that ``created_by`` may not find,
    ``MayNotInvite``.
    """
    if source != "groups":
        raise InvalidValue(_("There is no such source of members."))
    group = lookups.find_group(group_id, viewer=created_by)
    if group is None:
        raise NoSuchTarget
    policies.require(policies.may_invite_group(_actor(created_by), group, None))
    conversation = create(
        kind=ConversationType.GROUP,
        name=str(group)[:64],
        owner=owner,
        options=options,
        created_by=created_by,
    )
    founder = participants.operator(created_by) if created_by else None
    groups.add(conversation=conversation, group_id=group_id, performed_by=founder)
    return conversation


def create_one_to_one(
    *, user: HostUser, other: HostUser | None, created_by: HostUser | None = None
) -> tuple[Conversation, bool]:
    """Return the conversation of two users and whether it is new; both are owners.

    In an existing one, a missing user becomes an attendee again. ``created_by`` is whom the site's
    policy is asked about before a new one is made, and before ``other`` is added to an existing one
    again; None for the site itself. ``other`` is None if there is no such user, which takes as long
    as one whom ``created_by`` may not see. Raises ``NoSuchTarget`` for both,
    ``CannotInviteOneself``, ``MayNotCreate``, ``MayNotInvite``, ``MayNotBeInvited``.
    """
    if other is not None and user.pk == other.pk:
        raise CannotInviteOneself
    pair = _pair_key(user, other)
    conversation = Conversation.objects.filter(pair_key=pair).first()
    if other is None:
        raise NoSuchTarget
    created = False
    by = _actor(created_by)
    if conversation is None or not conversation.attendees.filter(user=other).exists():
        policies.require(policies.may_invite_user(by, other, conversation))
    if conversation is None:
        policies.require(policies.may_create(by, ConversationType.ONE_TO_ONE))
        conversation, created = _create_pair(pair, created_by)
    refill(conversation=conversation, by=by)
    return conversation, created


def have_one_to_one(user: HostUser, other: HostUser) -> bool:
    """Tell whether two users have a conversation already, which ``create_one_to_one`` returns."""
    return Conversation.objects.filter(pair_key=_pair_key(user, other)).exists()


def refill(*, conversation: Conversation, by: Actor | None) -> None:
    """Make the users of a one-to-one conversation owners again, if one of them left.

    Deleted users are skipped, and who left where the site does not let ``by`` find and invite them;
    None is the site. Does nothing in any other conversation (behaviour 4.1/8).
    """
    if not conversation.is_one_to_one or not conversation.pair_key:
        return
    user_pks = json.loads(conversation.pair_key)
    if Attendee.objects.filter(conversation=conversation).count() == len(user_pks):
        return
    for user in conf.directory.find_users(user_pks):
        if _may_bring_back(by, user, conversation):
            participants.add_user(
                conversation=conversation, user=user, participant_type=ParticipantType.OWNER
            )


def _may_bring_back(by: Actor | None, user: HostUser, conversation: Conversation) -> bool:
    if by is None or by.user == user:
        return True
    if lookups.find_user(conf.directory.user_id(user), viewer=by.user) is None:
        return False
    return policies.may_invite_user(by, user, conversation) is None


def checked_description(description: str) -> str:
    """Return the trimmed description; raises ``InvalidValue`` beyond 500 characters."""
    description = description.strip()
    if len(description) > DESCRIPTION_MAX_LENGTH:
        raise InvalidValue(
            _("The description is longer than {most} characters."), most=DESCRIPTION_MAX_LENGTH
        )
    return description


def hashed_password(password: str) -> str:
    """Return the slow hash of a password, empty for none; raises ``ServerBusy``."""
    if not password:
        return ""
    with hashing.limited():
        return make_password(password)


def _actor(user: HostUser | None) -> Actor | None:
    return None if user is None else Actor(user)


def _unsaved(kind: ConversationType, name: str, options: ConversationOptions) -> Conversation:
    """Return a conversation without a token, that is not saved; raises as ``create``."""
    _check_options(kind, options)
    default_permissions = policies.changed_permissions(0, PermissionChange.SET, options.permissions)
    return Conversation(
        type=kind,
        name=name,
        description=checked_description(options.description),
        password=hashed_password(options.password),
        read_only=options.read_only,
        listable=options.listable,
        lobby_state=options.lobby_state,
        lobby_timer=options.lobby_timer if options.lobby_state else None,
        default_permissions=default_permissions,
        recording_consent=options.recording_consent,
        object_type=options.object_type,
        object_id=options.object_id,
    )


def _check_options(kind: ConversationType, options: ConversationOptions) -> None:
    if options.password and kind != ConversationType.PUBLIC:
        raise NotPublic
    needs_consent = options.recording_consent == RecordingConsent.NEEDED
    if needs_consent and conf.recording_consent != ConsentRule.OPTIONAL:
        raise ConsentNotOffered
    permissions.check(options.permissions)
    named = (options.object_type, options.object_id)
    if all(named) != any(named) or any(len(n.encode()) > OBJECT_MAX_BYTES for n in named):
        raise InvalidValue(
            _("An object has a type and an id, of up to {most} bytes."), most=OBJECT_MAX_BYTES
        )
    if options.object_type in RESERVED_OBJECT_TYPES:
        raise InvalidValue(_("Conversations of that kind are not made here."))
    if options.object_type and options.lobby_state:
        raise InvalidValue(_("A conversation that belongs to something has no lobby."))


def _pair_key(user: HostUser, other: HostUser | None) -> str:
    """Return the key of two users; with None, one that no conversation has."""
    return json.dumps(sorted([str(user.pk), str(other.pk) if other else ""]))


def _announce(conversation: Conversation, created_by: HostUser | None) -> None:
    by = participants.operator(created_by) if created_by else None
    kind = SystemMessageKind.CONVERSATION_CREATED
    system_messages.add(conversation, kind, by, at=conversation.created_at)


def _create_pair(pair: str, created_by: HostUser | None) -> tuple[Conversation, bool]:
    """Create the conversation of a pair, or find the one that a simultaneous request made."""
    try:
        with transactions.atomic():
            made = Conversation.objects.create(
                token=generate_token(), type=ConversationType.ONE_TO_ONE, pair_key=pair
            )
            _announce(made, created_by)
            return made, True
    except IntegrityError:
        return Conversation.objects.get(pair_key=pair), False
