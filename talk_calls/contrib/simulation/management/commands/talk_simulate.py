"""Make a simulated year of calls, let guests call on a running server, or remove all of it."""

import asyncio
import random
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import capfirst

from talk_calls.contrib.simulation import cleaning, simulated, year
from talk_calls.contrib.simulation.cleaning import Removed
from talk_calls.contrib.simulation.http import Unreachable
from talk_calls.contrib.simulation.live import guests
from talk_calls.contrib.simulation.live.conversations import temporary_conversations
from talk_calls.contrib.simulation.live.guests import Plan
from talk_calls.contrib.simulation.live.measurements import Measurements
from talk_calls.contrib.simulation.year import Made, Size
from talk_calls.host import clock
from talk_calls.management.base import INTERRUPTED, OperatorCommand, failure
from talk_calls.management.limits import positive
from talk_calls.management.progress import Progress
from talk_calls.management.tables import table
from talk_calls.management.texts import lazy as _

_CLEAN = _("talk_simulate clean removes it.")


class Command(OperatorCommand):
    """``manage.py talk_simulate year --calls 100000``."""

    help = _(
        "Try a site with simulated people, whose names begin with sim-. `year` fills the database "
        "with a year of calls, `live` lets guests call each other on a running server and "
        "measures it, `clean` removes everything that the others made, and nothing else."
    )
    exit_codes = OperatorCommand.exit_codes | {
        1: _("refused, or the server cannot be reached"),
        INTERRUPTED: _("stopped by Ctrl-C; of a year, what was made before stays"),
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and how much of it."""
        what = parser.add_subparsers(dest="what", required=True, metavar="year|live|clean")
        for name, (text, add_arguments) in {
            "year": (_("fill the database with a year of calls"), self._add_year),
            "live": (_("let guests call on a running server, and measure it"), self._add_live),
            "clean": (_("remove everything simulated"), self._add_common),
        }.items():
            add_arguments(what.add_parser(name, help=text, description=f"{capfirst(text)}."))

    def _add_year(self, parser: ArgumentParser) -> None:
        usual = Size()
        for name, what in _SIZES.items():
            default = getattr(usual, name)
            _add_number(parser, name, default, what)
        parser.add_argument(
            "--seed", type=int, metavar="N", help=_("make the same year again as with this number")
        )
        self._add_common(parser)

    def _add_live(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--url",
            default="http://127.0.0.1:8000",
            help=_("the server's address (default: http://127.0.0.1:8000)"),
        )
        for name, (default, what) in _LIVE.items():
            _add_number(parser, name, default, what)
        self._add_common(parser)

    def _add_common(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--yes", action="store_true", help=_("also on a site in production (DEBUG is off)")
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the three."""
        if not settings.DEBUG and not options["yes"]:
            raise failure(
                _("This looks like a site in production: DEBUG is off."),
                _("Add --yes to simulate people here all the same."),
            )
        match options["what"]:
            case "year":
                self._year(Size(**{name: options[name] for name in _SIZES}), options["seed"])
            case "live":
                size = {name: options[name] for name in _LIVE}
                self._live(options["url"], **size)
            case "clean":
                self._clean()

    def _year(self, size: Size, seed: int | None) -> None:
        if size.is_too_dense:
            message = _(
                "{calls:,} calls in {days:,} days are too many for {conversations:,} conversations."
            )
            raise failure(
                message.format(**asdict(size)),
                _("Each has one call at a time; take more days or more --conversations."),
            )
        if simulated.conversations().exists() or simulated.users().exists():
            raise failure(_("There are simulated people already."), _CLEAN)
        if seed is None:
            seed = random.randrange(10**6)  # noqa: S311
        made = Made()
        try:
            progress = Progress(self.stderr)
            year.make(size, seed=seed, now=clock.now(), made=made, progress=progress)
        except KeyboardInterrupt:
            note = _("{count:,} calls were made; talk_simulate clean removes them.")
            self._note(note.format(count=made.calls))
            raise
        facts = {"seed": seed, **asdict(made), "rows_per_second": made.rows_per_second}
        self.answer(facts, _made(made, seed))

    def _live(self, url: str, *, participants: int, conversations: int, seconds: int) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            message = _("{url!r} is not an address.").format(url=url)
            raise failure(message, _("Write --url http://127.0.0.1:8000."))
        measurements = Measurements()
        with temporary_conversations(conversations) as tokens:
            plan = Plan(url, tokens, participants, seconds)
            try:
                asyncio.run(guests.run(plan, measurements, Progress(self.stderr)))
            except Unreachable as error:
                message = _("Cannot use {url}: {error}.").format(url=url, error=error)
                hint = _(
                    "Start the server first, with the same settings and database as this command."
                )
                raise failure(message, hint) from error
        facts = {
            "participants": plan.participants,
            "conversations": len(tokens),
            "seconds": round(measurements.seconds, 1),
            "failures": measurements.failed,
            "requests": measurements.rows(),
        }
        self.answer(facts, _measured(plan, measurements))

    def _clean(self) -> None:
        removed = Removed()
        try:
            cleaning.clean(removed=removed, progress=Progress(self.stderr))
        except KeyboardInterrupt:
            self._note(_("Run talk_simulate clean again for the rest."))
            raise
        counts = asdict(removed)
        lines = table([_("Removed"), _("Rows")], counts.items()) if any(counts.values()) else []
        self.answer(counts, lines or [_("There was nothing to remove.")])

    def _note(self, text: str) -> None:
        """Print what stays after Ctrl-C."""
        self.stderr.write(f"\n{text}", style_func=str)


_SIZES = {
    "days": _("how many days ago the first call is"),
    "calls": _("how many calls; each has about ten legs"),
    "people": _("how many users"),
    "conversations": _("in how many conversations they meet"),
    "groups": _("how many groups of users"),
}


_LIVE = {
    "participants": (50, _("how many guests call")),
    "conversations": (5, _("in how many conversations they call")),
    "seconds": (60, _("for how many seconds they call")),
}


def _add_number(parser: ArgumentParser, name: str, default: int, what: str) -> None:
    help_text = str(_("{what} (default: {count})")).format(what=what, count=f"{default:,}")
    parser.add_argument(f"--{name}", type=positive, default=default, metavar="N", help=help_text)


def _made(made: Made, seed: int) -> list[str]:
    counts = {name: count for name, count in asdict(made).items() if name != "seconds"}
    return [
        *table([_("Made"), _("Rows")], counts.items()),
        "",
        _(
            "{rows:,} rows in {seconds:,.1f} s, {rate:,} rows/s. --seed {seed} makes the same "
            "again; talk_simulate clean removes it."
        ).format(rows=made.rows, seconds=made.seconds, rate=made.rows_per_second, seed=seed),
    ]


_FIGURES = ("per s", "p50 ms", "p95 ms", "p99 ms", "max ms")


def _measured(plan: Plan, measurements: Measurements) -> list[str]:
    rows = measurements.rows()
    total = sum(row["count"] for row in rows)
    return [
        *table(
            [_("Request"), _("Count"), *_FIGURES, _("Failures")],
            [[*list(row.values())[:-1], _failures(row["failures"])] for row in rows],
        ),
        "",
        _(
            "People: {people}, conversations: {conversations}. {count:,} requests in "
            "{seconds:.1f} s, {failed:,} failed. A poll waits until there is news."
        ).format(
            people=plan.participants,
            conversations=len(plan.tokens),
            count=total,
            seconds=measurements.seconds,
            failed=measurements.failed,
        ),
    ]


def _failures(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} × {why}" for why, count in counts.items())
