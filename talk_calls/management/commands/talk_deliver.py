"""Send webhooks: distribute events to endpoints, and deliver what is due."""

import signal
import threading
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from talk_calls.db import transactions
from talk_calls.management.base import OperatorCommand
from talk_calls.management.texts import lazy as _
from talk_calls.webhooks import delivery
from talk_calls.webhooks.delivery import Delivered

_LABELS = {
    "events": _("events distributed"),
    "deliveries": _("deliveries made of them"),
    "delivered": _("deliveries received"),
    "failed": _("attempts failed"),
}

#: Seconds between two reports of a loop in which something is always done.
_REPORT_INTERVAL = 60.0

#: Seconds until a database that cannot be reached is tried again.
_RETRY_AFTER = 5.0


class Command(OperatorCommand):
    """``manage.py talk_deliver --loop 1``."""

    help = _(
        "Send webhooks. It may run in several copies, and be killed at any time: what was not "
        "confirmed is sent again, and the order within a conversation holds."
    )
    json_help = _("print one JSON object per report instead of text")
    exit_codes = OperatorCommand.exit_codes | {
        0: _("done, or stopped by a signal"),
        1: _("failed; what was delivered before stays so"),
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--loop",
            type=float,
            metavar="SECONDS",
            help=_("repeat for ever, and look for new events after so many seconds"),
        )
        parser.add_argument(
            "--seconds",
            type=float,
            default=delivery.PASS_SECONDS,
            metavar="SECONDS",
            help=_("for how long one pass starts requests, at most (default: 50)"),
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        pause, seconds = options["loop"], options["seconds"]
        if (pause is not None and pause <= 0) or seconds <= 0:
            raise CommandError(_("--loop and --seconds take a number of seconds above 0."))
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *args: stop.set())
        if pause is None:
            self._report(delivery.deliver_once(seconds=seconds, stop=stop))
            return
        while not stop.is_set():
            self._deliver_or_report(stop, pause)

    def _deliver_or_report(self, stop: threading.Event, pause: float) -> None:
        """Deliver until ``stop``; if the database cannot be reached, report that and return."""
        try:
            delivery.keep_delivering(
                stop, interval=pause, report=self._report, report_every=_REPORT_INTERVAL
            )
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(_("The database cannot be reached: {error}").format(error=error))
            transactions.connection().close()
            stop.wait(_RETRY_AFTER)

    def _report(self, delivered: Delivered) -> None:
        counts = asdict(delivered)
        lines = [
            str(_("Done:")),
            *(f"{count:>10,}  {_LABELS[name]}" for name, count in counts.items()),
        ]
        self.answer(counts, lines if delivered else [str(_("Done: nothing."))])
