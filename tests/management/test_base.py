"""What all commands for operators share."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from tests.factories import ConversationFactory
from tests.servers.ports import HOST, free_port


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_closed_pipe(command_site, form):
    """``talk_history | head`` ends without an error, as other programs do."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "manage.py", "talk_history", *form]
    with os.fdopen(writer, "wb") as nobody:
        ended = subprocess.run(  # noqa: S603 -- our own commands
            command,
            env=command_site.environment,
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (141, b"")


GREEN, RED = "\x1b[32;1m", "\x1b[31;1m"


@pytest.mark.parametrize(
    ("arguments", "environment", "is_coloured"),
    [
        ([], {}, True),
        (["--no-color"], {}, False),
        ([], {"NO_COLOR": "1"}, False),
        (["--force-color"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_on_a_terminal(command_site, arguments, environment, is_coloured):
    """What is well is green there, unless somebody does not want it; nothing is red."""
    terminal = command_site.on_a_terminal(
        "talk_health", "--only", "call_records", "--only", "migrations", *arguments, **environment
    )
    assert terminal.end() == 0
    assert (GREEN in terminal.text) == is_coloured
    assert RED not in terminal.text


def test_no_colours_in_a_pipe(command_site):
    """Unless they are forced."""
    command = ["talk_health", "--only", "migrations"]
    assert "\x1b" not in command_site.manage(*command).stdout
    assert GREEN in command_site.manage(*command, "--force-color").stdout


def lines_of_errors(site, *arguments: str, **environment: str) -> list[str]:
    """Run a command that fails with 1; return what it prints, which is on standard error."""
    site.environment |= environment
    ended = site.manage(*arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr.splitlines()


COMMANDS = [
    ["talk_history"],
    ["talk_sweep"],
    ["talk_app_password", "alice"],
    ["talk_conversation", "create", "Weekly"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_without_tables(command_site, command):
    """One line names what is missing, another one what to do."""
    command_site.path.unlink()
    error, hint = lines_of_errors(command_site, *command)
    assert error.startswith("CommandError: The database lacks migrations: contenttypes.0001_i")
    assert hint == "Hint: Run manage.py migrate, with the same settings as the site."


@pytest.mark.parametrize("command", COMMANDS[:1], ids=" ".join)
def test_a_database_that_is_away(command_site, command):
    """It says so, without the password, with either database."""
    hint = "Hint: Is it running, and do the settings (DATABASES) name it?"
    away = f"postgres://talk:hush@{HOST}:{free_port()}/talk"
    for address in ("sqlite:////nowhere/site.sqlite3", away):
        lines = lines_of_errors(command_site, *command, DATABASE_URL=address)
        assert lines[0].startswith("CommandError: The database cannot be reached: ")
        assert lines[1:] == [hint]
        assert "hush" not in lines[0]


def test_a_site_without_databases(command_site, tmp_path):
    """Django's sentence about it is the line."""
    (tmp_path / "bare_settings.py").write_text(
        "INSTALLED_APPS = ['django.contrib.auth', 'django.contrib.contenttypes', 'talk_calls']\n"
        "SECRET_KEY = 'only for this test'\nSILENCED_SYSTEM_CHECKS = ['talk_calls.E004']\n"
    )
    lines = lines_of_errors(
        command_site,
        *["talk_history", "--skip-checks"],
        PYTHONPATH=str(tmp_path),
        DJANGO_SETTINGS_MODULE="bare_settings",
    )
    assert lines[0].startswith("CommandError: settings.DATABASES is improperly configured.")
    assert lines[-1].startswith("Hint: Look at the settings of the site, and at DJANGO_SETTINGS_M")


def test_traceback_of_an_error(command_site):
    """Who wants all of it adds an option."""
    command_site.path.unlink()
    lines = lines_of_errors(command_site, "talk_history", "--traceback")
    assert lines[0] == "Traceback (most recent call last):"


@pytest.mark.parametrize("command", [["talk_history"], ["migrate"], ["check"]], ids=" ".join)
@pytest.mark.parametrize(
    ("environment", "line"),
    [
        (
            {"DJANGO_SECRET_KEY": "", "DJANGO_DEBUG": ""},
            "ImproperlyConfigured: Set DJANGO_SECRET_KEY to a long random text, or DJANGO_DEBUG=1 "
            "on your own machine.",
        ),
        (
            {"DATABASE_URL": "hush"},
            "ImproperlyConfigured: DATABASE_URL is no address of a database; write "
            "postgres://user:password@host/name.",
        ),
        (
            {"DJANGO_SETTINGS_MODULE": "nowhere.settings"},
            "ModuleNotFoundError: No module named 'nowhere'",
        ),
    ],
    ids=["key", "address", "module"],
)
def test_the_demo_without_settings(command_site, command, environment, line):
    """Also for commands that are Django's."""
    assert lines_of_errors(command_site, *command, **environment) == [line]


@override("de")
@pytest.mark.django_db
def test_language(capsys):
    """Text is in the language of the site, JSON in English, so that programs can rely on it."""
    ConversationFactory(name="Weekly", token="weekly")
    call_command("talk_conversation", "list")
    assert "Letzte Aktivität" in capsys.readouterr().out
    call_command("talk_conversation", "list", "--json")
    assert json.loads(capsys.readouterr().out)["list"][0]["type"] == "Public"
    for options, sentence in (
        ([], "Es gibt keine Unterhaltung 'nowhere'.\nHinweis: talk_conversation list zeigt alle."),
        (["--json"], "There is no conversation 'nowhere'.\nHint: "),
    ):
        with pytest.raises(CommandError) as error:
            call_command("talk_end_call", "nowhere", *options)
        assert str(error.value).startswith(sentence)
