"""Conversations and users that an operator names on the command line."""

import difflib

from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.management.base import failure
from talk_calls.models import Conversation


def get_conversation(token: str) -> Conversation:
    """Return the conversation with this token; raises ``CommandError``, which suggests a token."""
    conversation = Conversation.objects.filter(token=token).first()
    if conversation is not None:
        return conversation
    similar = difflib.get_close_matches(token, _tokens_like(token), n=1)
    hint = (
        f"Did you mean {similar[0]!r}?" if similar else "talk_conversation list shows all of them."
    )
    raise failure(f"There is no conversation {token!r}.", hint)


def get_group_conversation(token: str) -> Conversation:
    """Return a conversation that is not one-to-one, since those cannot be managed.

    Raises ``CommandError`` if it is, or does not exist.
    """
    conversation = get_conversation(token)
    if conversation.is_one_to_one:
        raise failure("Room is no group call.", "A one-to-one conversation cannot be changed.")
    return conversation


def get_user(user_id: str) -> HostUser:
    """Return the active user whom clients know by this id; raises ``CommandError``."""
    user: HostUser | None = conf.directory.find_user(user_id)
    if user is None:
        raise failure(
            f"There is no active user {user_id!r}.",
            "Users are named as they log in, in the same case.",
        )
    return user


def _tokens_like(token: str) -> list[str]:
    conversations = Conversation.objects.filter(token__startswith=token[:2])
    return list(conversations.values_list("token", flat=True)[:1000])
