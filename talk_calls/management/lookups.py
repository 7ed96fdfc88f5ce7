"""Finding what an operator names on the command line."""

import difflib

from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.management.base import failure
from talk_calls.models import Conversation


def conversation_called(token: str) -> Conversation:
    """Return the conversation with this token; raises ``CommandError`` with a near miss."""
    found = Conversation.objects.filter(token=token).first()
    if found is not None:
        return found
    near = difflib.get_close_matches(token, _tokens_like(token), n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "talk_conversation list shows all of them."
    raise failure(f"There is no conversation {token!r}.", hint)


def user_called(user_id: str) -> HostUser:
    """Return the active user whom clients know by this name; raises ``CommandError``."""
    user: HostUser | None = conf.directory.find_user(user_id)
    if user is None:
        raise failure(
            f"There is no active user {user_id!r}.",
            "Users are named as they log in, in the same case.",
        )
    return user


def _tokens_like(token: str) -> list[str]:
    start = Conversation.objects.filter(token__startswith=token[:2])
    return list(start.values_list("token", flat=True)[:1000])
