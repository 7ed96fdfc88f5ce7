"""``manage.py talk_health`` as operators and monitoring run it."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import override

from talk_calls.health.results import error, ok, skipped, warning
from talk_calls.management.commands import talk_health
from talk_calls.models import Session
from tests.factories import ConversationFactory, SessionFactory
from tests.servers.ports import HOST, free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def results(monkeypatch):
    """Return a function that replaces the checks by ones that return these results."""

    def set_results(**results):
        checks = {name: (lambda context, each=each: each) for name, each in results.items()}
        monkeypatch.setattr(talk_health.Command, "checks", checks)

    return set_results


def run(*arguments):
    """Return the exit code."""
    try:
        call_command("talk_health", *arguments)
    except SystemExit as exit_:
        return exit_.code
    return 0


def test_all_well(results, capsys):
    """Exit code 0, and the summary for monitoring first; a skipped check is no problem."""
    results(migrations=[ok("All agree.")], stun=[skipped("None set.", "Set some.")])
    assert run() == 0
    assert capsys.readouterr().out.splitlines() == [
        "TALK OK - 2 checks, no problems",
        "ok       migrations All agree.",
        "skipped  stun       None set.",
        "                    -> Set some.",
    ]


@override("de")
def test_german(capsys):
    """Sentences are in the language of the site, and those of JSON in English."""
    assert run("--only", "user_ids") == 0
    assert "Keine Benutzerkennung ist eine E-Mail-Adresse." in capsys.readouterr().out
    assert run("--only", "user_ids", "--json") == 0
    [result] = json.loads(capsys.readouterr().out)["results"]
    assert result["message"] == "No user id is an e-mail address."


def test_warnings(results, capsys):
    """Exit code 1."""
    results(cache=[warning("Not shared.", "Share it.")], migrations=[ok("Fine.")])
    assert run() == 1
    assert capsys.readouterr().out.splitlines() == [
        "TALK WARNING - cache: Not shared.",
        "warning  cache      Not shared.",
        "                    -> Share it.",
        "ok       migrations Fine.",
    ]


def test_errors(results, capsys):
    """Exit code 2; the first line names the first and counts the others."""
    results(
        cache=[warning("Not shared.", "Share it.")],
        turn=[error("Refused.", "Ask."), error("Silent.", "Call.")],
    )
    assert run("--json") == 2
    assert json.loads(capsys.readouterr().out) == {
        "status": "CRITICAL",
        "results": [
            {
                "check": "cache",
                "level": "warning",
                "message": "Not shared.",
                "hint": "Share it.",
            },
            {"check": "turn", "level": "error", "message": "Refused.", "hint": "Ask."},
            {"check": "turn", "level": "error", "message": "Silent.", "hint": "Call."},
        ],
    }
    run()
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "TALK CRITICAL - turn: Refused. And 1 more."


def test_check_that_fails(monkeypatch, capsys):
    """The other checks run, and the exception's text, which may hold a password, is left out."""

    def fail(context):
        raise OperationalError("no connection to postgres://talk:hush@db/talk")

    checks = {"clocks": fail, "cache": lambda context: [ok("Fine.")]}
    monkeypatch.setattr(talk_health.Command, "checks", checks)
    assert run() == 2
    assert capsys.readouterr().out.splitlines() == [
        "TALK CRITICAL - clocks: The check itself failed: OperationalError.",
        "error    clocks The check itself failed: OperationalError.",
        "                -> If the database cannot be reached or lacks tables, fix that first.",
        "ok       cache  Fine.",
    ]


def test_only_some(capsys):
    """Only those that are named, in the order of the registry."""
    run("--only", "call_records", "--only", "migrations", "--json")
    report = json.loads(capsys.readouterr().out)
    assert [each["check"] for each in report["results"]] == ["migrations", "call_records"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--only", "heart"],
        ["--url", "file:///etc/passwd"],
        ["--url", "https://alice:hush@site.example"],
        ["--timeout", "0"],
        ["--timeout", "nan"],
    ],
)
def test_arguments_that_make_no_sense(arguments):
    """They are refused before any check runs."""
    with pytest.raises(CommandError):
        call_command("talk_health", *arguments)


def test_nothing_is_changed():
    """Not even what it reports as wrong."""
    SessionFactory(attendee__conversation=ConversationFactory(), in_call=7)
    before = list(Session.objects.values())
    run("--only", "call_records", "--only", "timed_out_calls", "--only", "expired_rows")
    assert list(Session.objects.values()) == before


@pytest.fixture
def migrated(transactional_db, settings):
    """Record all migrations as applied, which nobody did where --no-migrations made the tables."""
    settings.MIGRATION_MODULES = {}
    recorder, loader = MigrationRecorder(connection), MigrationLoader(connection)
    missing = loader.disk_migrations.keys() - loader.applied_migrations.keys()
    for app, name in missing:
        recorder.record_applied(app, name)
    yield
    for app, name in missing:
        recorder.record_unapplied(app, name)


@pytest.mark.usefixtures("migrated")
def test_as_a_process(tmp_path):
    """All of it, on a real site: exit codes, one JSON value, no secret anywhere."""
    talk = {
        "TURN_SERVERS": [{"ADDRESS": f"{HOST}:{free_port()}", "SECRET": "hush-turn"}],
        "WAKEUP": f"redis://:hush-redis@{HOST}:{free_port()}",
    }
    done = process(tmp_path, talk)
    report = json.loads(done.stdout)
    levels = {each["check"]: each["level"] for each in report["results"]}
    assert (done.returncode, report["status"]) == (2, "CRITICAL")
    assert levels | {"clocks": ""} == {
        "migrations": "ok",
        "settings": "ok",
        "user_ids": "ok",
        "groups": "ok",
        "clocks": "",
        "call_records": "ok",
        "timed_out_calls": "ok",
        "expired_rows": "ok",
        "webhooks": "skipped",
        "wakeup": "error",
        "cache": "ok",
        "signaling": "skipped",
        "server": "skipped",
        "client_address": "skipped",
        "stun": "skipped",
        "turn": "error",
    }
    assert "hush" not in done.stdout + done.stderr
    one = process(tmp_path, {}, "--only", "turn")
    assert (one.returncode, one.stderr) == (1, "")
    well_ = process(tmp_path, {}, "--only", "call_records", "--only", "cache")
    assert (well_.returncode, well_.stderr) == (0, "")


def test_old_name(capsys):
    """``talk_doctor`` works as before, with its names and keys, and warns that it is deprecated."""
    with pytest.raises(SystemExit):
        call_command("talk_doctor", "--only", "records", "--only", "turn", "--json")
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report.keys() == {"status", "findings"}
    assert [each["examination"] for each in report["findings"]] == ["records", "turn"]
    assert report["findings"][0].keys() == {"examination", "level", "says", "hint"}
    assert "use talk_health" in err


def process(folder, talk, *arguments):
    return subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-m", "django", "talk_health", "--json", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": os.getcwd(),
            "DJANGO_SETTINGS_MODULE": "tests.health.settings",
            "HEALTH_DATABASE": str(connection.settings_dict["NAME"]),
            "HEALTH_TALK": json.dumps(talk),
            "HEALTH_CACHE": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
