"""``manage.py talk_statistics``, and the part of ``talk_sweep`` that summarises days."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from talk_calls.models import Call, CallLeg, DaySummary
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def days() -> int:
    """Make a call ten days ago; return how many days are over since."""
    now = timezone.now()
    start = now - timedelta(days=10)
    call = Call.objects.create(
        conversation=ConversationFactory(), started_at=start, ended_at=start, end_reason="left"
    )
    CallLeg.objects.create(
        call=call,
        user=UserFactory(),
        actor_type="users",
        actor_id="someone",
        session_key="a" * 32,
        joined_at=start,
        left_at=start,
        reason="left",
        flags=1,
    )
    over = timezone.localdate(now - timedelta(hours=1)) - timezone.localdate(start)
    return over.days


def run(capsys, *arguments: str) -> dict:
    call_command("talk_statistics", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_what_there_is(days, capsys):
    """The sweeper summarises what is due, and says so beforehand and afterwards."""
    assert run(capsys) == {"summarised": 0, "due": days, "final": 0}
    for options in (["--dry-run"], []):
        call_command("talk_sweep", "--json", *options)
        assert json.loads(capsys.readouterr().out)["days_summarised"] == days
    assert run(capsys) == {"summarised": days, "due": 0, "final": 0}
    call_command("talk_sweep", "--json")
    assert json.loads(capsys.readouterr().out)["days_summarised"] == 0


def test_drop_and_rebuild(days, capsys):
    """Both can be done at any time."""
    assert run(capsys, "--rebuild") == {"summarised": days, "due": 0, "final": 0}
    DaySummary.objects.update(calls=1000)
    assert run(capsys, "--rebuild") == {"summarised": days, "due": 0, "final": 0}
    assert not DaySummary.objects.filter(calls=1000).exists()
    assert run(capsys, "--drop") == {"summarised": 0, "due": days, "final": 0}


def test_as_text(days, capsys):
    """For people."""
    call_command("talk_statistics")
    assert capsys.readouterr().out.splitlines() == [
        "Days that are summarised: 0",
        f"Days that wait for talk_sweep: {days}",
    ]
