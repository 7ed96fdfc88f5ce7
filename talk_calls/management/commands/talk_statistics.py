"""The summaries of days from which statistics are read: look at them, delete and rebuild them."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.progress import Progress
from talk_calls.management.texts import lazy as _
from talk_calls.models import DaySummary
from talk_calls.reports.statistics import summaries


class Command(OperatorCommand):
    """``manage.py talk_statistics --rebuild``."""

    help = _(
        "Tell how many days are summarised for statistics, and how many wait for talk_sweep. "
        "Statistics are right without summaries, and take longer. Exits with 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one of two options."""
        options = parser.add_mutually_exclusive_group()
        options.add_argument(
            "--rebuild",
            action="store_true",
            help=_("count all days again, as after a change of calls or legs by SQL"),
        )
        options.add_argument("--drop", action="store_true", help=_("delete all summaries"))
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete and count, as the options say, and tell what there is then."""
        now = clock.now()
        if options["drop"] or options["rebuild"]:
            summaries.delete_all()
        if options["rebuild"]:
            summaries.catch_up(now=now, limit=None, progress=Progress(self.stderr))
        facts = {
            "summarised": DaySummary.objects.filter(is_stale=False).count(),
            "due": len(summaries.due(now)),
            "final": DaySummary.objects.final().count(),
        }
        lines = [
            _("Days that are summarised: {summarised}").format(**facts),
            _("Days that wait for talk_sweep: {due}").format(**facts),
        ]
        if facts["final"]:
            lines.append(
                _("Days whose calls are deleted, so that they stay as they are: {final}").format(
                    **facts
                )
            )
        self.answer(facts, lines)
