"""What the commands for operators share: output as text or JSON, errors with a hint, Ctrl-C.

Exit codes: 0 for success, 1 for failure (nothing is changed then), 2 for wrong arguments, 130 after
Ctrl-C. The help of a command says where it uses them otherwise.
"""

import getpass
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise

from talk_calls import names
from talk_calls.exceptions import TalkError
from talk_calls.models.audit import AuditSource
from talk_calls.services import audit_context

#: The exit code after Ctrl-C, as shells report it.
INTERRUPTED = 130

#: The exit code if the reader of a pipe closes it, as shells report it.
BROKEN_PIPE = 141


class OperatorCommand(BaseCommand):
    """Base of the commands. With ``--json`` a command prints one JSON value and nothing else."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--json``; subclasses call this after adding their own arguments."""
        parser.add_argument("--json", action="store_true", help="print one JSON value")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command; turn refusals of the services and Ctrl-C into short messages."""
        self._prints_json = options["json"]
        try:
            with acting_from_command(options.get("reason") or ""):
                return super().execute(*args, **options)
        except TalkError as refusal:
            raise CommandError(str(refusal.message)) from refusal
        except KeyboardInterrupt:
            self.stderr.write("\nStopped.")
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader closed the pipe, as `head` does. At exit Python flushes standard output
            # again; this keeps it from reporting the same error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(BROKEN_PIPE) from None

    def answer(self, facts: object, lines: Iterable[str]) -> None:
        """Print ``facts`` as JSON with ``--json``, else the ``lines`` of text.

        In JSON, times are ISO 8601 with their zone, and durations are seconds.
        """
        if self._prints_json:
            lines = [json.dumps(facts, cls=_Encoder, ensure_ascii=False)]
        for line in lines:
            self.stdout.write(line)
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
    parser.add_argument("--reason", default="", help="why, for the audit trail")


class _Encoder(DjangoJSONEncoder):
    def default(self, o: object) -> object:
        if isinstance(o, timedelta):
            return round(o.total_seconds(), 3)
        return super().default(o)


def failure(message: str, hint: str | Promise = "") -> CommandError:
    """Return the error of a command that failed, with a hint at what may help."""
    return CommandError(f"{message}\nHint: {hint}" if hint else message)
