"""List who moderated what, from where, when, on whom and why."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.management.base import OperatorCommand
from talk_calls.management.limits import add_limit_argument, limited
from talk_calls.management.tables import table
from talk_calls.management.texts import lazy as _
from talk_calls.management.times import parse_time
from talk_calls.models import AuditEntry
from talk_calls.models.audit import AuditAction
from talk_calls.reports import audit as reports

_HEADINGS = (
    *(_("When"), _("What"), _("Who"), _("Whom"), _("Conversation"), _("From"), _("Details")),
    _("Why"),
)


class Command(OperatorCommand):
    """``manage.py talk_audit --since 7d``."""

    help = _(
        "List who moderated what, the latest entry first: what moderators, operators and commands "
        "did to conversations, people and app passwords, and why."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--conversation",
            default="",
            metavar="TOKEN",
            help=_("what was done in this conversation, also if it is deleted"),
        )
        parser.add_argument(
            "--since",
            type=parse_time,
            metavar="TIME",
            help=_("what was done since 7d, 24h, 2026-01-31 or 2026-01-31T18:00"),
        )
        parser.add_argument(
            "--action",
            default="",
            choices=AuditAction.values,
            metavar="ACTION",
            help=str(_("only this: {actions}")).format(actions=", ".join(AuditAction.values)),
        )
        add_limit_argument(parser, _("how many entries to list at most"))
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        entries = reports.entries(
            token=options["conversation"], since=options["since"], action=options["action"]
        )
        found = limited(entries, options["limit"])
        lines = table(_HEADINGS, map(_row, found.rows)) or [_("No entries.")]
        facts = list(map(reports.facts, found.rows))
        self.answer({"list": facts, "more": found.more}, [*lines, *found.lines])


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
