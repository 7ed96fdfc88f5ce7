"""``manage.py talk_sweep`` as operators and scripts run it."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from talk_calls.management.commands import talk_sweep
from talk_calls.models import Call, Session
from talk_calls.services import sweeper
from tests.factories import ConversationFactory, SessionFactory
from tests.servers.ending import surely_ending

pytestmark = pytest.mark.django_db

NOTHING = {
    "calls_ended": 0,
    "legs_ended": 0,
    "sessions_closed": 0,
    "attendees_removed": 0,
    "events_told": 0,
    "messages_deleted": 0,
    "names_updated": 0,
    "members_added": 0,
    "webhook_events_deleted": 0,
    "servers_told": 0,
    "days_summarised": 0,
    "days_finalized": 0,
    "old_calls_deleted": 0,
    "old_legs_deleted": 0,
    "old_messages_deleted": 0,
    "old_entries_deleted": 0,
}


@pytest.fixture
def expired():
    return SessionFactory(last_ping=timezone.now() - timedelta(hours=1))


def test_a_pass(expired, capsys):
    """A pass prints what it did, and does it once."""
    call_command("talk_sweep")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Done:",
        "         0  calls ended",
        "         0  people out of calls",
        "         1  sessions closed",
        "         0  passing attendees removed",
        "         0  events told",
        "         0  expired signaling messages deleted",
        "         0  events deleted that webhooks had",
        "         0  names of accounts updated",
        "         0  members of groups added",
        "         0  conversations told to signaling servers",
        "         0  days of statistics summarised",
        "         0  days of statistics finalized",
        "         0  old calls deleted",
        "         0  old legs deleted, of people in these calls",
        "         0  old messages deleted",
        "         0  old audit entries deleted",
    ]
    call_command("talk_sweep")
    assert capsys.readouterr().out == "Done: nothing.\n"


def test_dry_run(expired, capsys):
    """It counts and changes nothing."""
    call_command("talk_sweep", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out) == {
        **NOTHING,
        "dry_run": True,
        "sessions_closed": 1,
    }
    assert Session.objects.exists()
    call_command("talk_sweep", "--dry-run")
    assert capsys.readouterr().out.startswith("To do:\n")


def test_dry_run_of_history(settings, capsys):
    """It says what the next pass deletes, also of days that this pass summarises first."""
    settings.TALK_CALLS = {"HISTORY_DAYS": 30}
    end = timezone.now() - timedelta(days=60)
    begin = end - timedelta(hours=1)
    call = Call.objects.create(
        conversation=ConversationFactory(), started_at=begin, ended_at=end, end_reason="left"
    )
    call.legs.create(
        actor_type="guests",
        actor_id="guest",
        session_key="1" * 32,
        joined_at=begin,
        left_at=end,
        reason="left",
        flags=1,
    )
    counts = []
    for arguments in (["--dry-run"], []):
        call_command("talk_sweep", "--json", *arguments)
        counts.append(json.loads(capsys.readouterr().out))
        del counts[-1]["dry_run"]
    assert counts[0] == counts[1]
    assert (counts[0]["old_calls_deleted"], counts[0]["old_legs_deleted"]) == (1, 1)


def test_json(expired, capsys):
    """One object, for scripts."""
    call_command("talk_sweep", "--json")
    assert json.loads(capsys.readouterr().out) == {
        **NOTHING,
        "dry_run": False,
        "sessions_closed": 1,
    }


@pytest.mark.parametrize("pause", ["0", "-1"])
def test_a_pause_is_positive(pause):
    """A loop without a pause would do nothing else."""
    with pytest.raises(CommandError, match="above 0"):
        call_command("talk_sweep", "--loop", pause)


def test_a_loop_outlives_a_database_that_is_away(monkeypatch, capsys):
    """One pass is lost; the next one, on a new connection, makes up for it."""
    passes = []

    def sweep(**_):
        passes.append(1)
        if len(passes) == 1:
            raise OperationalError("terminating connection")
        os.kill(os.getpid(), signal.SIGTERM)
        return sweeper.Swept()

    monkeypatch.setattr(sweeper, "sweep", sweep)
    monkeypatch.setattr(talk_sweep, "transactions", Mock())  # the test needs its own
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("talk_sweep", "--loop", "0.01")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    out, err = capsys.readouterr()
    assert "The database cannot be reached: terminating connection" in err
    assert out == "Done: nothing.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_loop_stops_by_signal(command_site, number):
    """It ends after the current pass, with 0, as a service should."""
    loop = [sys.executable, "manage.py", "talk_sweep", "--loop", "0.2", "--json"]
    process = subprocess.Popen(  # noqa: S603
        loop, env=command_site.environment, stdout=subprocess.PIPE, text=True
    )
    with surely_ending(process):
        assert process.stdout is not None
        passes = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
    assert passes == [{"dry_run": False, **NOTHING}] * 2
