"""``manage.py talk_doctor`` as operators and monitoring run it."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from talk_calls.doctor import registry
from talk_calls.doctor.findings import error, skipped, warning, well
from talk_calls.management.commands import talk_doctor
from talk_calls.models import Session
from tests.factories import ConversationFactory, SessionFactory
from tests.signaling.live.servers import HOST, free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def findings(monkeypatch):
    """Return a function that sets what the doctor finds."""

    def find(**found):
        examinations = {name: (lambda visit, f=f: f) for name, f in found.items()}
        monkeypatch.setattr(registry, "EXAMINATIONS", examinations)
        monkeypatch.setattr(talk_doctor, "EXAMINATIONS", examinations)

    return find


def run(*arguments):
    """Return the exit code."""
    try:
        call_command("talk_doctor", *arguments)
    except SystemExit as exit_:
        return exit_.code
    return 0


def test_all_well(findings, capsys):
    """Exit code 0, and monitoring's sentence first; what was not tried is not ill."""
    findings(records=[well("All agree.")], stun=[skipped("None set.", "Set some.")])
    assert run() == 0
    assert capsys.readouterr().out.splitlines() == [
        "TALK OK - 2 examinations, nothing to worry about",
        "ok       records    All agree.",
        "skipped  stun       None set.",
        "                    -> Set some.",
    ]


def test_warnings(findings, capsys):
    """Exit code 1."""
    findings(cache=[warning("Not shared.", "Share it.")], hints=[well("Fine.")])
    assert run() == 1
    assert capsys.readouterr().out.splitlines() == [
        "TALK WARNING - cache: Not shared.",
        "warning  cache      Not shared.",
        "                    -> Share it.",
        "ok       hints      Fine.",
    ]


def test_errors(findings, capsys):
    """Exit code 2; the first line names the first and counts the others."""
    findings(
        cache=[warning("Not shared.", "Share it.")],
        turn=[error("Refused.", "Ask."), error("Silent.", "Call.")],
    )
    assert run("--json") == 2
    assert json.loads(capsys.readouterr().out) == {
        "status": "CRITICAL",
        "findings": [
            {
                "examination": "cache",
                "level": "warning",
                "says": "Not shared.",
                "hint": "Share it.",
            },
            {"examination": "turn", "level": "error", "says": "Refused.", "hint": "Ask."},
            {"examination": "turn", "level": "error", "says": "Silent.", "hint": "Call."},
        ],
    }
    run()
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "TALK CRITICAL - turn: Refused. And 1 more."


def test_examination_that_fails(findings, monkeypatch, capsys):
    """The doctor goes on, and repeats no words that may have a password in them."""

    def away(visit):
        raise OperationalError("no connection to postgres://talk:hush@db/talk")

    findings(records=[], hints=[well("Fine.")])
    registry.EXAMINATIONS["records"] = away
    assert run() == 2
    assert capsys.readouterr().out.splitlines() == [
        "TALK CRITICAL - records: The examination itself failed: OperationalError.",
        "error    records    The examination itself failed: OperationalError.",
        "                    -> Where the database cannot be reached or lacks tables, that is the "
        "first thing to mend.",
        "ok       hints      Fine.",
    ]


def test_only_some(capsys):
    """Named ones, in the order of the doctor."""
    run("--only", "records", "--only", "migrations", "--json")
    told = json.loads(capsys.readouterr().out)
    assert [each["examination"] for each in told["findings"]] == ["migrations", "records"]


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
    """They are refused before anything is examined."""
    with pytest.raises(CommandError):
        call_command("talk_doctor", *arguments)


def test_nothing_is_changed():
    """Not even what it complains of."""
    SessionFactory(attendee__conversation=ConversationFactory(), in_call=7)
    before = list(Session.objects.values())
    run("--only", "records", "--only", "ghosts", "--only", "leftovers")
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
    told = process(tmp_path, talk)
    answer = json.loads(told.stdout)
    levels = {each["examination"]: each["level"] for each in answer["findings"]}
    assert (told.returncode, answer["status"]) == (2, "CRITICAL")
    assert levels | {"clocks": ""} == {
        "migrations": "ok",
        "settings": "ok",
        "clocks": "",
        "records": "ok",
        "ghosts": "ok",
        "leftovers": "ok",
        "hints": "error",
        "cache": "ok",
        "server": "skipped",
        "stun": "skipped",
        "turn": "error",
    }
    assert "hush" not in told.stdout + told.stderr
    one = process(tmp_path, {}, "--only", "turn")
    assert (one.returncode, one.stderr) == (1, "")
    well_ = process(tmp_path, {}, "--only", "records", "--only", "cache")
    assert (well_.returncode, well_.stderr) == (0, "")


def process(folder, talk, *arguments):
    return subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-m", "django", "talk_doctor", "--json", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": os.getcwd(),
            "DJANGO_SETTINGS_MODULE": "tests.doctor.settings",
            "DOCTOR_DATABASE": str(connection.settings_dict["NAME"]),
            "DOCTOR_TALK": json.dumps(talk),
            "DOCTOR_CACHE": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
