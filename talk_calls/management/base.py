"""What the commands share: output as text or JSON, colours, errors with a hint, Ctrl-C.

Exit codes: 0 for success, 1 for failure (nothing is changed then), 2 for wrong arguments, 130 after
Ctrl-C. A command that uses them otherwise has its own ``exit_codes``, which its help ends with.
"""

import getpass
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.utils import translation
from django.utils.functional import Promise

from talk_calls import names
from talk_calls.exceptions import TalkError
from talk_calls.management import databases
from talk_calls.management.tables import terminal_width, width_of
from talk_calls.management.texts import lazy as _
from talk_calls.models.audit import AuditSource
from talk_calls.services import audit_context

#: The exit code after Ctrl-C, as shells report it.
INTERRUPTED = 130

#: The exit code if the reader of a pipe closes it, as shells report it.
BROKEN_PIPE = 141


class TalkCommand(BaseCommand):
    """Base of all commands.

    Texts are in the language of the site (``LANGUAGE_CODE``). There are colours on terminals only,
    and none where the environment has ``NO_COLOR``.
    """

    #: The exit codes for the end of the help, each with its meaning.
    exit_codes: ClassVar[dict[int, str]] = {
        0: _("done"),
        1: _("failed; nothing was changed"),
        2: _("wrong arguments"),
        INTERRUPTED: _("stopped by Ctrl-C"),
    }

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser, whose help ends with the exit codes."""
        codes = "; ".join(f"{code} {meaning}" for code, meaning in self.exit_codes.items())
        kwargs.setdefault("epilog", str(_("Exit codes: {codes}.")).format(codes=codes))
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.description = str(self.help)  # argparse takes no lazy text here
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command; what is foreseen to fail, and Ctrl-C, become short messages."""
        stdout = options.get("stdout") or self.stdout
        if not options["force_color"]:
            options["no_color"] |= bool(os.environ.get("NO_COLOR")) or not stdout.isatty()
        width = terminal_width.set(width_of(stdout))
        try:
            with self._language(options):
                return self._execute(*args, **options)
        finally:
            terminal_width.reset(width)

    def _language(self, options: Mapping[str, Any]) -> AbstractContextManager[object]:
        """Return a context in the language of the output."""
        return nullcontext()

    def _execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with acting_from_command(options.get("reason") or ""):
                return super().execute(*args, **options)
        except TalkError as refusal:
            raise CommandError(str(refusal.message)) from refusal
        except ImproperlyConfigured as error:
            raise failure(str(error), _SETTINGS) from error
        except (InterfaceError, OperationalError, ProgrammingError) as error:
            if found := databases.explained(error):
                raise failure(*found) from error
            raise
        except KeyboardInterrupt:
            self.stderr.write("\n" + str(_("Stopped.")), style_func=str)
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader closed the pipe, as `head` does. At exit Python flushes standard output
            # again; this keeps it from reporting the same error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(BROKEN_PIPE) from None


class OperatorCommand(TalkCommand):
    """Base of commands for operators. With ``--json`` one prints one JSON value and nothing else.

    JSON, and errors beside it, are in English in any language, so that programs can rely on them.
    """

    json_help: str = _("print one JSON value instead of text")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--json``; subclasses call this after adding their own arguments."""
        parser.add_argument("--json", action="store_true", help=self.json_help)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command, as ``TalkCommand`` does."""
        self._prints_json = options["json"]
        return super().execute(*args, **options)

    def _language(self, options: Mapping[str, Any]) -> AbstractContextManager[object]:
        return translation.override(None) if options["json"] else nullcontext()

    def answer(self, facts: object, lines: Iterable[str]) -> None:
        """Print ``facts`` as JSON with ``--json``, else the ``lines`` of text.

        In JSON, times are ISO 8601 with their zone, and durations are seconds.
        """
        if self._prints_json:
            lines = [json.dumps(facts, cls=_Encoder, ensure_ascii=False)]
        for line in lines:
            self.stdout.write(str(line))
        self.stdout.flush()  # here, where `execute` handles a closed pipe


def acting_from_command(reason: str) -> AbstractContextManager[None]:
    """Say for a block that its changes come from a command, and who of the system runs it."""
    return audit_context.acting_from(
        # What a shell passes on may be bytes that are no text, which no database stores.
        AuditSource.COMMAND,
        name=names.cut(_account()),
        reason=names.cleaned(reason),
    )


def _account() -> str:
    """Return the account of the operating system; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # such as a container that runs as any number
        return str(os.getuid())


def add_reason_argument(parser: ArgumentParser) -> None:
    """Add ``--reason``, which the audit trail keeps."""
    parser.add_argument("--reason", default="", help=_("why, for the audit trail"))


class _Encoder(DjangoJSONEncoder):
    def default(self, o: object) -> object:
        if isinstance(o, timedelta):
            return round(o.total_seconds(), 3)
        return super().default(o)


_SETTINGS = _("Look at the settings of the site, and at DJANGO_SETTINGS_MODULE, which names them.")


def failure(message: str | Promise, hint: str | Promise = "") -> CommandError:
    """Return the error of a command that failed, with a hint at what may help."""
    return CommandError(f"{message}\n{_('Hint: {hint}').format(hint=hint)}" if hint else message)
