"""``manage.py talk_end_call``."""

import pytest
from django.core.management import CommandError
from django.utils import timezone

from talk_calls.models import Call
from talk_calls.services import calls
from tests.factories import ConversationFactory, SessionFactory


@pytest.fixture
def room(db):
    session = SessionFactory()
    calls.join(session=session, flags=7, now=timezone.now())
    return session.conversation


def test_end(room, run):
    """The history has no name for the end, since commands have no user."""
    assert run("talk_end_call", room.token) == [f"The call in {room.token} was ended."]
    call = Call.objects.get()
    assert (call.end_reason, call.ended_by_id) == ("ended_for_all", "")


def test_reason(room, run):
    """The reason is printed, for the log of the caller."""
    output = run("talk_end_call", room.token, "--reason", "Spam")
    assert output == [f"The call in {room.token} was ended. Reason: Spam"]


def test_json(room, run):
    """One value."""
    output = run("talk_end_call", room.token, "--reason", "Spam", "--json")
    assert output == {"token": room.token, "ended": True, "reason": "Spam"}


def test_no_call(run):
    """Where nothing runs, nothing is ended, and that is an error."""
    token = ConversationFactory().token
    with pytest.raises(CommandError) as error:
        run("talk_end_call", token)
    assert str(error.value).splitlines() == [
        f"There is no call in '{token}'.",
        "Hint: talk_active_calls shows where calls are running.",
    ]


def test_no_conversation(run):
    """An unknown token is an error with a hint."""
    with pytest.raises(CommandError, match="There is no conversation 'nowhere'"):
        run("talk_end_call", "nowhere")


def test_exit_codes(command_site):
    """1 with a sentence and no traceback."""
    ended = command_site.manage("talk_end_call", "nowhere")
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "CommandError: There is no conversation 'nowhere'.",
        "Hint: talk_conversation list shows all of them.",
    ]
