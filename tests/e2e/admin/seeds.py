"""Rows that the admin shows, made within the site that shows them (see ``conftest.seed``)."""

from django.contrib.auth import get_user_model

from talk_calls.constants import ConversationType
from talk_calls.models import Attendee, Call, Conversation


def empty() -> None:
    """Forget all conversations and calls."""
    Conversation.objects.all().delete()
    Call.objects.all().delete()


def lobby_up() -> None:
    """Let bob be a member of a conversation whose lobby is up."""
    bob, _ = get_user_model().objects.get_or_create(username="bob")
    standup = Conversation.objects.create(
        token="standup", type=ConversationType.GROUP, name="Stand-up", lobby_state=1
    )
    Attendee.objects.create(conversation=standup, user=bob, display_name="Bob")
