"""List who moderated what, from where, when, on whom and why."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.management.base import OperatorCommand
from talk_calls.management.numbers import positive
from talk_calls.management.tables import table
from talk_calls.management.times import parse_time
from talk_calls.models import AuditEntry
from talk_calls.models.audit import AuditAction
from talk_calls.reports import audit as reports

_LIMIT = 50
_HEADINGS = ("when", "what", "who", "whom", "conversation", "from", "details", "why")


class Command(OperatorCommand):
    """``manage.py talk_audit --since 7d``."""

    help = (
        "List who moderated what, the latest entry first: what moderators, operators and commands "
        "did to conversations, people and app passwords, and why."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--conversation", default="", metavar="TOKEN", help="of this one, also if it is deleted"
        )
        when = "7d, 24h, 2026-01-31 or 2026-01-31T18:00"
        parser.add_argument("--since", type=parse_time, help=f"what was done since {when}")
        parser.add_argument(
            "--action",
            default="",
            choices=AuditAction.values,
            metavar="ACTION",
            help=f"only this: {', '.join(AuditAction.values)}",
        )
        parser.add_argument(
            "--limit", type=positive, default=_LIMIT, help=f"how many entries at most ({_LIMIT})"
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        limit = options["limit"]
        entries = reports.entries(
            token=options["conversation"], since=options["since"], action=options["action"]
        )
        found = list(entries[: limit + 1])
        shown = found[:limit]
        lines = table(_HEADINGS, map(_row, shown)) or ["No entries."]
        more = ["", f"There are more; --limit shows more than {limit}."]
        self.answer(list(map(reports.facts, shown)), lines + more * (len(found) > limit))


def _row(entry: AuditEntry) -> list[object]:
    return [
        entry.at,
        entry.get_action_display(),
        reports.actor_text(entry),
        reports.target_text(entry),
        reports.conversation_text(entry),
        entry.get_source_display(),
        reports.details_text(entry),
        entry.reason,
    ]
