"""Creating conversations."""

import json
import re
import secrets

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from talk_calls import names, policies
from talk_calls.conf import conf
from talk_calls.constants import (
    RESERVED_TOKENS,
    TOKEN_PATTERN,
    ConversationType,
    ParticipantType,
)
from talk_calls.db import transactions
from talk_calls.exceptions import (
    CannotInviteOneself,
    InvalidSetting,
    InvalidValue,
    NoSuchConversation,
    NoSuchTarget,
)
from talk_calls.host import lookups
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.services import (
    conversation_options,
    groups,
    invited_people,
    locking,
    participants,
)
from talk_calls.services.conversation_options import DEFAULT_OPTIONS, ConversationOptions
from talk_calls.services.invited_people import NOBODY, Invited

#: Letters and digits that are not mistaken for each other (constants 1.7).
_TOKEN_ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789"
_TOKEN_LENGTH = 13  # 65 random bits, too many to guess


def generate_token() -> str:
    """Return an unguessable token in the shape that routes accept."""
    return "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(_TOKEN_LENGTH))


def create(  # noqa: PLR0913 -- one keyword per fact about it
    *,
    kind: ConversationType,
    name: str,
    owner: HostUser | None = None,
    token: str | None = None,
    options: ConversationOptions = DEFAULT_OPTIONS,
    created_by: HostUser | None = None,
    most_bytes: int | None = None,
    invited: Invited = NOBODY,
) -> Conversation:
    """Create a group or public conversation; ``owner`` becomes its owner.

    ``token`` is generated unless given. ``created_by`` is the user about whom the site's policy is
    asked, None for the site itself. The owner invites ``invited``, or the site without
    ``created_by``: all of them come in, or nothing is created.
    Raises ``InvalidValue`` if the token cannot be part of a URL; ``InvalidSetting`` for a name as
    ``names.checked`` does, to which ``most_bytes`` goes, and for options that could not be set
    later either; ``MayNotCreate``, ``PasswordNeeded``, ``MayNotMakeListable``, ``ServerBusy``, and
    as ``invited_people.add`` does.
    """
    by = _actor(created_by)
    policies.require(policies.may_create(by, kind))
    if kind == ConversationType.PUBLIC:
        policies.require(policies.may_be_public(by, has_password=bool(options.password)))
    if token is not None and (token in RESERVED_TOKENS or not re.fullmatch(TOKEN_PATTERN, token)):
        raise InvalidValue(_("A token is 4 to 30 of a–z and 0–9, and no word of a route."))
    with conversation_options.named("name"):
        checked = names.checked(name, most_bytes=most_bytes)
    # Before the transaction, since hashing a password is slow.
    conversation = conversation_options.unsaved(kind, checked, options)
    conversation.token = token or generate_token()
    if policies.is_listed(conversation):
        policies.require(policies.may_make_listable(by, conversation))
    with transactions.atomic():
        conversation.save(force_insert=True)
        attendee = None
        with locking.created(conversation, _operator(created_by)) as locked:
            if owner is not None:
                attendee, _is_new = participants.admit_user(locked, owner, ParticipantType.OWNER)
        invited_people.add(
            invited, conversation=conversation, performed_by=attendee if by else None
        )
    return conversation


@transactions.atomic()
def create_from_group(  # noqa: PLR0913 -- one keyword per fact about it
    *,
    group_id: str,
    source: str,
    owner: HostUser,
    options: ConversationOptions = DEFAULT_OPTIONS,
    created_by: HostUser | None = None,
    invited: Invited = NOBODY,
) -> Conversation:
    """Create a conversation named after a group of the host, with its members.

    ``source`` says what ``group_id`` is the id of: anything but "circles" means a group
    (behaviour 6.2). The rest is as for ``create``. Raises as ``create``, ``InvalidSetting`` for a
    circle, ``NoSuchTarget`` for an unknown group and for one that ``created_by`` may not find,
    ``MayNotInvite``.
    """
    if source == "circles":
        raise InvalidSetting(_("There are no circles here."), code="invite")
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
        invited=invited,
    )
    groups.add(conversation=conversation, group_id=group_id, performed_by=_operator(created_by))
    return conversation


def create_one_to_one(
    *, user: HostUser, other: HostUser | None, created_by: HostUser | None = None, both: bool = True
) -> tuple[Conversation, bool]:
    """Return the conversation of two users and whether it is new; its attendees are owners.

    Who is missing becomes an attendee, also in an existing one: both users, or without ``both``
    only ``user``, and ``other`` with the first call (``refill``). ``created_by`` is whom the site's
    policy is asked about before a new one is made, and where ``other`` is no attendee of an
    existing one; None for the site itself. ``other`` is None if there is no such user, which takes
    as long as one whom ``created_by`` may not see. Raises ``NoSuchTarget`` for both,
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
    try:
        refill(conversation=conversation, by=by, only=None if both else user)
    except NoSuchConversation:  # the only one who was in it left it meanwhile
        return create_one_to_one(user=user, other=other, created_by=created_by, both=both)
    return conversation, created


def have_one_to_one(user: HostUser, other: HostUser) -> bool:
    """Tell whether two users have a conversation already, which ``create_one_to_one`` returns."""
    return Conversation.objects.filter(pair_key=_pair_key(user, other)).exists()


def refill(*, conversation: Conversation, by: Actor | None, only: HostUser | None = None) -> None:
    """Make the users of a one-to-one conversation owners who are no attendees, or ``only`` one.

    That is who left it, and who did not join it yet. Deleted users are skipped, and those whom the
    site does not let ``by`` find and invite; None is the site. Does nothing in any other
    conversation (behaviour 4.1/8).
    """
    if not conversation.is_one_to_one:
        return
    there = Attendee.objects.filter(conversation=conversation).values_list("user", flat=True)
    missing = set(conversation.pair) - {str(pk) for pk in there}
    if only is not None:
        missing &= {str(only.pk)}
    if not missing:
        return
    for user in conf.directory.find_users(sorted(missing)):
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


def _actor(user: HostUser | None) -> Actor | None:
    return None if user is None else Actor(user)


def _operator(user: HostUser | None) -> Attendee | None:
    return None if user is None else participants.operator(user)


def _pair_key(user: HostUser, other: HostUser | None) -> str:
    """Return the key of two users; with None, one that no conversation has."""
    return json.dumps(sorted([str(user.pk), str(other.pk) if other else ""]))


def _create_pair(pair: str, created_by: HostUser | None) -> tuple[Conversation, bool]:
    """Create the conversation of a pair, or find the one that a simultaneous request made.

    Whoever made that may have left it, and so deleted it, before it is found: once more then.
    """
    try:
        return _insert_pair(pair, created_by), True
    except IntegrityError:
        found = Conversation.objects.filter(pair_key=pair).first()
    return (found, False) if found else (_insert_pair(pair, created_by), True)


@transactions.atomic()
def _insert_pair(pair: str, created_by: HostUser | None) -> Conversation:
    made = Conversation.objects.create(
        token=generate_token(), type=ConversationType.ONE_TO_ONE, pair_key=pair
    )
    with locking.created(made, _operator(created_by)):
        return made
