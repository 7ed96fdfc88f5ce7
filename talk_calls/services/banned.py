"""Who is banned: asked about those who are about to come into a conversation."""

from collections.abc import Collection
from typing import Any

from talk_calls import policies
from talk_calls.constants import BanKind
from talk_calls.exceptions import InviteeBanned
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models import Ban, Conversation
from talk_calls.services.locked_conversation import LockedConversation


def shown_note(actor: Actor, conversation: Conversation) -> str:
    """Return what somebody who is banned reads; empty without a note, and for everybody else."""
    found = Ban.objects.against(actor, conversation.token).exclude(shown_note="")
    return found.order_by("-pk").values_list("shown_note", flat=True).first() or ""


def refuse_actor(locked: LockedConversation, actor: Actor) -> None:
    """Raise ``Banned`` for somebody who is about to enter a locked conversation."""
    conversation = locked.conversation
    is_banned = Ban.objects.against(actor, conversation.token).exists()
    situation = policies.Situation(
        conversation, None, None, locked.has_call, locked.now, is_banned=is_banned
    )
    policies.enforce(policies.ENTER, situation)


def refuse_users(conversation: Conversation, users: Collection[HostUser]) -> None:
    """Raise ``InviteeBanned`` if one of these users is banned from a locked conversation."""
    if conversation.bans.of_users(users).exists():
        raise InviteeBanned


def refuse_addresses(conversation: Conversation, addresses: Collection[str]) -> None:
    """Raise ``InviteeBanned`` if one of these is banned from a locked conversation."""
    if conversation.bans.filter(actor_type=BanKind.EMAILS, actor_id__in=addresses).exists():
        raise InviteeBanned


def among(conversation: Conversation, user_pks: Collection[Any]) -> set[Any]:
    """Return the primary keys of banned users; no query for none."""
    if not user_pks:
        return set()
    return set(conversation.bans.of_users(user_pks).values_list("user", flat=True))
