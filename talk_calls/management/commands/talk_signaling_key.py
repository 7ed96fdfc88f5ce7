"""The key that signs tokens for clients of signaling servers: make, show, and rotate it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.hpb import keys
from talk_calls.management.base import TalkCommand, add_reason_argument
from talk_calls.management.texts import lazy as _
from talk_calls.models.audit import AuditAction
from talk_calls.reports.formatting import minute_text
from talk_calls.services import audit


class Command(TalkCommand):
    """``manage.py talk_signaling_key show``."""

    help = _("Make, show or rotate the key that signs tokens for clients of signaling servers.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "action",
            choices=["show", "rotate", "generate"],
            help=_(
                "show: print its public half, making the key in the database if there is none. "
                "rotate: replace the key in the database. "
                "generate: print a new private key for a file or the setting; nothing is stored"
            ),
        )
        add_reason_argument(parser)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            match action:
                case "show":
                    self._show(keys.load())
                case "rotate":
                    self._show(self._rotate())
                case _:
                    self.stdout.write(keys.generate().decode(), ending="")
        except ImportError as error:
            raise CommandError("pip install 'talk-calls[hpb]'") from error
        except keys.UnusableKey as error:
            raise CommandError(str(error)) from error

    def _rotate(self) -> keys.Key:
        if conf.signaling.key:
            raise CommandError(
                _(
                    "The key is not in the database: replace it where SIGNALING['KEY'] says. "
                    "`talk_signaling_key generate` prints a new one."
                )
            )
        with transactions.atomic():
            audit.add(AuditAction.SIGNALING_KEY_ROTATED, None, None, at=clock.now())
            return keys.rotate()

    def _show(self, key: keys.Key) -> None:
        if key.used_from > timezone.now():
            note = _("Used from {time}; clients show tickets until then.")
            self.stderr.write(note.format(time=minute_text(key.used_from)), style_func=str)
        self.stdout.write(key.public, ending="")
