"""Rows that the admin shows, made within the site that shows them (see ``conftest.seed``)."""

from django.core.management import call_command

from talk_calls.models import Call, Conversation


def empty() -> None:
    """Forget all conversations and calls."""
    Conversation.objects.all().delete()
    Call.objects.all().delete()


def year() -> None:
    """Make up a small year."""
    call_command("talk_simulate", "clean", verbosity=0)
    call_command("talk_simulate", "year", calls=600, seed=1, verbosity=0)
