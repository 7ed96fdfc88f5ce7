"""What all commands for operators share: two forms of output, errors with a hint, a calm Ctrl-C.

Exit codes: 0 when done, 1 when the command could not do what it was told (nothing is changed then),
2 for arguments that make no sense, 130 when stopped by Ctrl-C. A command that means something else
by one of them says so in its help.
"""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise

from talk_calls.exceptions import TalkError

#: What a shell reports of a program that was stopped by Ctrl-C.
INTERRUPTED = 130

#: And of one whose output nobody wants any more.
CUT_OFF = 141


class OperatorCommand(BaseCommand):
    """Base of the commands; ``--json`` prints one JSON value and nothing else."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--json``; subclasses call this after their own arguments."""
        parser.add_argument("--json", action="store_true", help="print one JSON value")

    def execute(self, *args: Any, **options: Any) -> Any:
        """Run; a refusal of the services and Ctrl-C are no tracebacks."""
        try:
            return super().execute(*args, **options)
        except TalkError as refusal:
            raise CommandError(str(refusal.message)) from refusal
        except KeyboardInterrupt:
            self.stderr.write("\nStopped.")
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read had enough, as `head` has. Python would complain once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(CUT_OFF) from None

    def answer(self, facts: Any, lines: Iterable[str], options: dict[str, Any]) -> None:
        """Print ``facts`` as JSON if that was asked for, else the ``lines`` for people.

        Times are ISO 8601 with their zone, durations are seconds.
        """
        if options["json"]:
            lines = [json.dumps(facts, cls=_Encoder, ensure_ascii=False)]
        for line in lines:
            self.stdout.write(line)
        self.stdout.flush()  # here, where a reader who is gone is no surprise


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        if hasattr(o, "total_seconds"):
            return round(o.total_seconds(), 3)
        return super().default(o)


def failure(message: str, hint: str | Promise = "") -> CommandError:
    """Return the error of a command that could not do what it was told, with what may help."""
    return CommandError(f"{message}\nHint: {hint}" if hint else message)
