"""Tidy up after clients that stopped: close calls and legs, delete expired rows, send events.

Days that are over are summarised for statistics, too.
"""

import json
import signal
import threading
from argparse import ArgumentParser
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.management.progress import Progress
from talk_calls.models import HPBConversation
from talk_calls.reports.statistics import summaries
from talk_calls.services import sweeper
from talk_calls.services.sweeper import Swept

_LABELS = {
    "calls_ended": "calls ended",
    "legs_ended": "people out of calls",
    "sessions_closed": "sessions closed",
    "attendees_removed": "passing attendees removed",
    "events_told": "events told",
    "messages_deleted": "expired signaling messages deleted",
    "names_updated": "names of accounts updated",
    "members_added": "members of groups added",
    "servers_told": "conversations told to signaling servers",
    "days_summarised": "days of statistics summarised",
}


class Command(BaseCommand):
    """``manage.py talk_sweep --loop 60``."""

    help = (
        "Tidy up after clients that stopped without leaving. Lists and calls are correct without "
        "it, so it may run at any time, in several copies, and be killed. Exits with 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--loop", type=float, metavar="SECONDS", help="repeat for ever, with this pause"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count what there is to do")
        parser.add_argument("--json", action="store_true", help="print one JSON object per pass")

    def handle(self, *args: Any, **options: Any) -> None:
        pause, dry_run, as_json = options["loop"], options["dry_run"], options["json"]
        if pause is not None and pause <= 0:
            raise CommandError("--loop takes a number of seconds above 0.")
        if pause is None:
            self._report(self._pass(dry_run), dry_run, as_json)
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            self._pass_or_report(dry_run, as_json)
            stop.wait(pause)

    def _pass_or_report(self, dry_run: bool, as_json: bool) -> None:
        """Run a pass; if the database cannot be reached, report that and return."""
        try:
            self._report(self._pass(dry_run), dry_run, as_json)
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(f"The database cannot be reached: {error}")
            transactions.connection().close()

    def _pass(self, dry_run: bool) -> Swept:
        now = clock.now()
        if dry_run:
            days = len(summaries.due(now)[: summaries.SWEPT_DAYS])
            preview = sweeper.preview(now=now)
            return replace(preview, servers_told=_untold(now), days_summarised=days)
        swept = sweeper.sweep(now=now, progress=Progress(self.stderr))
        told = _tell()
        # Last, since a day is over once the timeouts of its calls are stored.
        days = summaries.catch_up(now=now, progress=Progress(self.stderr))
        return replace(swept, servers_told=told, days_summarised=days)

    def _report(self, swept: Swept, dry_run: bool, as_json: bool) -> None:
        counts = asdict(swept)
        if as_json:
            self.stdout.write(json.dumps({"dry_run": dry_run, **counts}))
            return
        would = "To do" if dry_run else "Done"
        if not any(counts.values()):
            self.stdout.write(f"{would}: nothing.")
            return
        self.stdout.write(f"{would}:")
        for name, count in counts.items():
            self.stdout.write(f"{count:>10,}  {_LABELS[name]}")
        self.stdout.flush()


def _untold(now: datetime) -> int:
    """Return of how many conversations signaling servers have to be told."""
    return HPBConversation.objects.due(now).count() if conf.signaling.external else 0


def _tell() -> int:
    """Tell signaling servers what no process has told them; return of how many conversations."""
    if not conf.signaling.external:
        return 0
    from talk_calls.hpb import sender

    return sender.send_overdue()
