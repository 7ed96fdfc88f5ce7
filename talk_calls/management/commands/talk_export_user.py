"""Export what the app knows about a user."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import translation

from talk_calls.management.base import TalkCommand, failure
from talk_calls.management.lookups import get_account
from talk_calls.management.texts import lazy as _
from talk_calls.privacy.export import export


class Command(TalkCommand):
    """``manage.py talk_export_user alice --output alice.json``."""

    help = _(
        "Write everything that is stored about a user as JSON (docs/privacy.md). The same until "
        "something changes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "user", help=_("user name, e-mail address, primary key or id; may be deactivated")
        )
        parser.add_argument(
            "--output", metavar="FILE", help=_("a new file to write to; else standard output")
        )

    def handle(self, *args: Any, user: str, output: str | None, **options: Any) -> None:
        account = get_account(user)
        with translation.override(None):  # as all JSON
            if output is None:
                for piece in export(account):
                    self.stdout.write(piece, ending="")
                self.stdout.flush()
                return
            self._write(account, Path(output))

    def _write(self, account: Any, path: Path) -> None:
        """Write a file that only its owner reads; none is overwritten, and none stays half."""
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            hint = _("Name a new file in a folder that exists.")
            raise failure(
                _("The file cannot be written: {error}").format(error=error), hint
            ) from error
        try:
            with path.open("w", encoding="utf-8") as file:
                file.writelines(export(account))
        except BaseException:
            path.unlink()
            raise
