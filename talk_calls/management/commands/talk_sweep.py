"""Tidy up after clients that stopped: close calls and legs, delete expired rows, send events.

Days that are over are summarised for statistics, too, and history is deleted that is older than
the site keeps it.
"""

import signal
import threading
from argparse import ArgumentParser
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.progress import Progress
from talk_calls.management.texts import lazy as _
from talk_calls.models import HPBConversation
from talk_calls.reports import statistics
from talk_calls.reports.statistics import summaries
from talk_calls.services import retention, sweeper
from talk_calls.services.retention import Deleted, Horizon
from talk_calls.services.sweeper import Swept
from talk_calls.webhooks import endpoints
from talk_calls.webhooks import retention as webhook_retention

_LABELS = {
    "calls_ended": _("calls ended"),
    "legs_ended": _("people out of calls"),
    "sessions_closed": _("sessions closed"),
    "attendees_removed": _("passing attendees removed"),
    "events_told": _("events told"),
    "messages_deleted": _("expired signaling messages deleted"),
    "webhook_events_deleted": _("events deleted that webhooks had"),
    "names_updated": _("names of accounts updated"),
    "members_added": _("members of groups added"),
    "servers_told": _("conversations told to signaling servers"),
    "days_summarised": _("days of statistics summarised"),
    "days_finalized": _("days of statistics finalized"),
    "old_calls_deleted": _("old calls deleted"),
    "old_legs_deleted": _("old legs deleted, of people in these calls"),
    "old_messages_deleted": _("old messages deleted"),
    "old_entries_deleted": _("old audit entries deleted"),
}


class Command(OperatorCommand):
    """``manage.py talk_sweep --loop 60``."""

    help = _(
        "Tidy up after clients that stopped without leaving. Lists and calls are correct without "
        "it, so it may run at any time, in several copies, and be killed."
    )
    json_help = _("print one JSON object per pass instead of text")
    exit_codes = OperatorCommand.exit_codes | {
        0: _("done, or --loop was stopped by a signal"),
        1: _("failed; what was done before stays"),
    }

    _has_followed_settings = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--loop",
            type=float,
            metavar="SECONDS",
            help=_("repeat for ever, with a pause of so many seconds"),
        )
        parser.add_argument(
            "--dry-run", action="store_true", help=_("only count what there is to do")
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        pause, dry_run = options["loop"], options["dry_run"]
        if pause is not None and pause <= 0:
            raise CommandError(_("--loop takes a number of seconds above 0."))
        if pause is None:
            self._report(self._pass(dry_run), dry_run)
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *args: stop.set())
        while not stop.is_set():
            self._pass_or_report(dry_run)
            stop.wait(pause)

    def _pass_or_report(self, dry_run: bool) -> None:
        """Run a pass; if the database cannot be reached, report that and return."""
        try:
            self._report(self._pass(dry_run), dry_run)
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(_("The database cannot be reached: {error}").format(error=error))
            transactions.connection().close()

    def _pass(self, dry_run: bool) -> Swept:
        now = clock.now()
        if dry_run:
            days = summaries.due(now)[: summaries.SWEPT_DAYS]
            preview = sweeper.preview(now=now)
            preview = replace(
                preview,
                servers_told=_untold(now),
                days_summarised=len(days),
                webhook_events_deleted=webhook_retention.due(now).count(),
            )
            return preview + _preview_retention(now, days)
        self._follow_settings()
        swept = sweeper.sweep(now=now, progress=Progress(self.stderr))
        swept = replace(swept, webhook_events_deleted=webhook_retention.delete_old(now))
        told = _tell()
        # Last, since a day is over once the timeouts of its calls are stored.
        days = summaries.catch_up(now=now, progress=Progress(self.stderr))
        swept = replace(swept, servers_told=told, days_summarised=days)
        # Calls are deleted only of days that are summarised.
        return swept + _apply_retention(now, Progress(self.stderr))

    def _follow_settings(self) -> None:
        """Make rows of ``WEBHOOKS`` once, as ``talk_deliver`` does, which a site may not run.

        Not in each pass: another process may have newer settings.
        """
        if not self._has_followed_settings:
            endpoints.synchronize()
            self._has_followed_settings = True

    def _report(self, swept: Swept, dry_run: bool) -> None:
        counts = asdict(swept)
        lines = [
            _("To do:") if dry_run else _("Done:"),
            *(f"{count:>10,}  {_LABELS[name]}" for name, count in counts.items()),
        ]
        if not any(counts.values()):
            lines = [_("To do: nothing.") if dry_run else _("Done: nothing.")]
        self.answer({"dry_run": dry_run, **counts}, lines)


def _apply_retention(now: datetime, progress: Progress) -> Swept:
    """Delete what is older than history is kept."""
    first_day = retention.first_day_kept(now)
    if first_day is None:
        return Swept()
    finalized = statistics.finalize(first_day, now=now)
    horizon = Horizon(first_day, statistics.final_days().end)
    return _swept(finalized, retention.delete(horizon, progress=progress))


def _preview_retention(now: datetime, summarised: list[date]) -> Swept:
    """Return what ``_apply_retention`` would do once these days are summarised too."""
    first_day = retention.first_day_kept(now)
    if first_day is None:
        return Swept()
    days = statistics.to_finalize(first_day, now=now, summarised=summarised)
    horizon = Horizon(first_day, statistics.end_of(days))
    return _swept(len(days), retention.preview(horizon))


def _swept(finalized: int, deleted: Deleted) -> Swept:
    return Swept(
        days_finalized=finalized,
        old_calls_deleted=deleted.calls,
        old_legs_deleted=deleted.legs,
        old_messages_deleted=deleted.messages,
        old_entries_deleted=deleted.entries,
    )


def _untold(now: datetime) -> int:
    """Return of how many conversations signaling servers have to be told."""
    return HPBConversation.objects.due(now).count() if conf.signaling.external else 0


def _tell() -> int:
    """Tell signaling servers what no process has told them; return of how many conversations."""
    if not conf.signaling.external:
        return 0
    from talk_calls.hpb import sender

    return sender.send_overdue()
