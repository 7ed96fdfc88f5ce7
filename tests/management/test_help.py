"""The help of commands explains each option."""

import argparse
import io
import re
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class
from django.utils.translation import override

COMMANDS = sorted(name for name, app in get_commands().items() if str(app).startswith("talk_calls"))


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of what it can do."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from parsers(each)


def parser_of(name: str) -> argparse.ArgumentParser:
    return load_command_class(get_commands()[name], name).create_parser("manage.py", name)


def test_all_commands_are_found():
    """A command that is missing here would not be looked at."""
    assert {"talk_history", "talk_simulate", "talk_sweep", "talk_signaling_key"} <= {*COMMANDS}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_is_explained(name, language):
    """Each command and argument has words of its own; the end has the exit codes."""
    with override(language):
        top = parser_of(name)
        for parser in parsers(top):
            assert parser.description
            for action in parser._actions:
                assert action.help or isinstance(action, argparse._SubParsersAction), action
            assert parser.format_help()
        assert re.search(r"Exit[- ][cC]odes: 0 .+; 1 .+; 2 .+; 130 .+\.", top.epilog)


@pytest.mark.parametrize("name", COMMANDS)
def test_words(name):
    """What Talk's wire calls a room is a conversation for people."""
    for parser in parsers(parser_of(name)):
        assert not re.search(r"\brooms?\b", parser.format_help().replace("talk_sync_rooms", ""))


def test_german():
    """On a German site help is German."""
    out = io.StringIO()
    with override("de"):
        parser_of("talk_history").print_help(out)
    text = " ".join(out.getvalue().split())
    assert "Anrufe auflisten, die neuesten zuerst." in text
    assert "--limit N wie viele Anrufe höchstens aufgelistet werden (Vorgabe: 50)" in text
