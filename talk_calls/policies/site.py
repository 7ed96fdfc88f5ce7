"""What the site's settings and policy refuse: creating and opening conversations, inviting.

``by`` is who acts, and None for the site itself and its operators, about whom nothing is asked.
``conversation`` is None where it is being created with the invitee.
"""

from talk_calls import exceptions
from talk_calls.conf import conf
from talk_calls.constants import ConversationType
from talk_calls.host.actors import Actor, HostUser
from talk_calls.host.group_membership import is_in_groups
from talk_calls.models import Conversation
from talk_calls.policies.hooks import allows
from talk_calls.policies.situations import Refusal


def may_create(by: Actor | None, kind: ConversationType) -> Refusal:
    """Refuse to create a conversation of this type; one-to-ones take no group of the setting."""
    if by is None:
        return None
    groups = conf.start_conversations
    is_free = kind == ConversationType.ONE_TO_ONE or not groups
    if not is_free and not is_in_groups(by.user, groups):
        return exceptions.MayNotCreate()
    return None if allows("may_create", by.user, kind) else exceptions.MayNotCreate()


def may_be_public(by: Actor | None, *, has_password: bool) -> Refusal:
    """Refuse that a conversation is public without a password where the site forces passwords."""
    if by is None or has_password or not conf.force_passwords:
        return None
    return exceptions.PasswordNeeded()


def may_make_public(by: Actor | None, conversation: Conversation) -> Refusal:
    """Refuse to open a conversation to everybody who has its link."""
    if by is None or allows("may_make_public", by.user, conversation):
        return None
    return exceptions.MayNotMakePublic()


def may_make_listable(by: Actor | None, conversation: Conversation) -> Refusal:
    """Refuse to let users find a conversation without an invitation."""
    if by is None or allows("may_make_listable", by.user, conversation):
        return None
    return exceptions.MayNotMakeListable()


def may_see_user(by: Actor | None, user: HostUser) -> Refusal:
    """Refuse to tell of a user whom the site hides; somebody hidden is as good as unknown."""
    if by is None or allows("may_see", by.user, user):
        return None
    return exceptions.NoSuchTarget()


def may_invite_user(by: Actor | None, user: HostUser, conversation: Conversation | None) -> Refusal:
    """Refuse to invite a user; somebody hidden is as good as unknown."""
    if by is None:
        return None
    if hidden := may_see_user(by, user):
        return hidden
    if not allows("may_invite", by.user, user, conversation):
        return exceptions.MayNotInvite()
    if not allows("may_be_invited", user, by.user, conversation):
        return exceptions.MayNotBeInvited()
    return None


def may_invite_group(by: Actor | None, group: object, conversation: Conversation | None) -> Refusal:
    """Refuse to invite a group; a hidden one is as good as unknown."""
    if by is None:
        return None
    if not allows("may_see_group", by.user, group):
        return exceptions.NoSuchTarget()
    if not allows("may_invite_group", by.user, group, conversation):
        return exceptions.MayNotInvite()
    return None


def may_invite_email(by: Actor | None, address: str, conversation: Conversation) -> Refusal:
    """Refuse to invite an e-mail address, or to open the conversation by that."""
    if by is None:
        return None
    if not allows("may_invite_email", by.user, address, conversation):
        return exceptions.MayNotInvite()
    return None if conversation.is_public else may_make_public(by, conversation)
