"""Rows that the admin shows, made within the site that shows them (see ``conftest.seed``)."""

from talk_calls.models import Call, Conversation


def empty() -> None:
    """Forget all conversations and calls."""
    Conversation.objects.all().delete()
    Call.objects.all().delete()
