"""The old name of ``talk_health``, with the names and keys that scripts know; to be removed."""

from typing import Any, ClassVar

from talk_calls.health.registry import CHECKS
from talk_calls.health.results import Result
from talk_calls.management.commands import talk_health
from talk_calls.management.texts import lazy as _

_OLD_NAMES = {
    "call_records": "records",
    "timed_out_calls": "ghosts",
    "expired_rows": "leftovers",
    "wakeup": "hints",
}


class Command(talk_health.Command):
    """``manage.py talk_doctor``, which warns that it is deprecated."""

    help = _("Deprecated, use talk_health, which does the same.")
    checks: ClassVar = {_OLD_NAMES.get(name, name): check for name, check in CHECKS.items()}

    def handle(self, *args: Any, **options: Any) -> None:
        warning = _("talk_doctor is deprecated and will be removed; use talk_health.")
        self.stderr.write(str(warning), style_func=self.style.WARNING)
        super().handle(*args, **options)

    def report(self, results: list[Result], status: str) -> dict[str, object]:
        """Return what ``--json`` prints, under the keys of before."""
        return {
            "status": status,
            "findings": [
                {
                    "examination": each.check,
                    "level": each.level,
                    "says": each.message,
                    "hint": each.hint,
                }
                for each in results
            ],
        }
