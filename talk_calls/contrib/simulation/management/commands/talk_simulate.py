"""Make a simulated year of calls, let guests call on a running server, or remove all of it."""

import asyncio
import random
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from talk_calls.contrib.simulation import cleaning, simulated, year
from talk_calls.contrib.simulation.cleaning import Removed
from talk_calls.contrib.simulation.http import Unreachable
from talk_calls.contrib.simulation.live import guests
from talk_calls.contrib.simulation.live.conversations import temporary_conversations
from talk_calls.contrib.simulation.live.guests import Plan
from talk_calls.contrib.simulation.live.measurements import Measurements
from talk_calls.contrib.simulation.year import Made, Size
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, failure
from talk_calls.management.progress import Progress
from talk_calls.management.tables import table

_CLEAN = "talk_simulate clean removes it."


class Command(OperatorCommand):
    """``manage.py talk_simulate year --calls 100000``."""

    help = (
        "Try a site with simulated people, whose names begin with sim-. `year` fills the database "
        "with a year of calls, `live` lets guests call each other on a running server and "
        "measures it, `clean` removes everything that the others made, and nothing else. "
        "Exits with 0 when done, 1 when refused, 130 after Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and how much of it."""
        what = parser.add_subparsers(dest="what", required=True, metavar="year|live|clean")
        self._add_year(what.add_parser("year", help="fill the database with a year of calls"))
        self._add_live(what.add_parser("live", help="let guests call on a running server"))
        self._add_clean(what.add_parser("clean", help="remove everything simulated"))

    def _add_year(self, parser: ArgumentParser) -> None:
        usual = Size()
        for name, what in _SIZES.items():
            default = getattr(usual, name)
            parser.add_argument(
                f"--{name}", type=_positive, default=default, help=f"{what} (default: {default:,})"
            )
        parser.add_argument("--seed", type=int, help="make the same year again")
        self._add_common(parser)

    def _add_live(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server's address")
        for name, (default, what) in _LIVE.items():
            parser.add_argument(
                f"--{name}", type=_positive, default=default, help=f"{what} (default: {default})"
            )
        self._add_common(parser)

    def _add_clean(self, parser: ArgumentParser) -> None:
        self._add_common(parser)

    def _add_common(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="also on a site in production")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the three."""
        if not settings.DEBUG and not options["yes"]:
            raise failure(
                "This looks like a site in production: DEBUG is off.",
                "Add --yes to simulate people here all the same.",
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
            raise failure(
                f"{size.calls:,} calls in {size.days:,} days are too many for "
                f"{size.conversations:,} conversations.",
                "Each has one call at a time; take more days or more --conversations.",
            )
        if simulated.conversations().exists() or simulated.users().exists():
            raise failure("There are simulated people already.", _CLEAN)
        if seed is None:
            seed = random.randrange(10**6)  # noqa: S311
        made = Made()
        try:
            progress = Progress(self.stderr)
            year.make(size, seed=seed, now=clock.now(), made=made, progress=progress)
        except KeyboardInterrupt:
            self.stderr.write(f"\n{made.calls:,} calls were made; {_CLEAN}")
            raise
        facts = {"seed": seed, **asdict(made), "rows_per_second": made.rows_per_second}
        self.answer(facts, _made(made, seed))

    def _live(self, url: str, *, participants: int, conversations: int, seconds: int) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise failure(f"{url!r} is not an address.", "Write --url http://127.0.0.1:8000.")
        measurements = Measurements()
        with temporary_conversations(conversations) as tokens:
            plan = Plan(url, tokens, participants, seconds)
            try:
                asyncio.run(guests.run(plan, measurements, Progress(self.stderr)))
            except Unreachable as error:
                hint = (
                    "Start the server first, with the same settings and database as this command."
                )
                raise failure(f"Cannot use {url}: {error}.", hint) from error
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
            self.stderr.write("\nRun talk_simulate clean again for the rest.")
            raise
        counts = asdict(removed)
        lines = table(["Removed", "Rows"], counts.items()) if any(counts.values()) else []
        self.answer(counts, lines or ["There was nothing to remove."])


_SIZES = {
    "days": "how far back the first call is",
    "calls": "calls in all; each has about ten legs",
    "people": "users",
    "conversations": "conversations in which they meet",
    "groups": "groups of users",
}


_LIVE = {
    "participants": (50, "how many guests call"),
    "conversations": (5, "in how many conversations"),
    "seconds": (60, "for how long"),
}


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0.")
    return int(text)


def _made(made: Made, seed: int) -> list[str]:
    counts = {name: count for name, count in asdict(made).items() if name != "seconds"}
    return [
        *table(["Made", "Rows"], counts.items()),
        "",
        f"{made.rows:,} rows in {made.seconds:,.1f} s, {made.rows_per_second:,} rows/s. "
        f"--seed {seed} makes the same again; {_CLEAN}",
    ]


def _measured(plan: Plan, measurements: Measurements) -> list[str]:
    rows = measurements.rows()
    total = sum(row["count"] for row in rows)
    return [
        *table(
            ["Request", "Count", "per s", "p50 ms", "p95 ms", "p99 ms", "max ms", "Failures"],
            [[*list(row.values())[:-1], _failures(row["failures"])] for row in rows],
        ),
        "",
        f"{plan.participants} people in {len(plan.tokens)} conversations, {total:,} requests in "
        f"{measurements.seconds:.1f} s, {measurements.failed:,} failed. "
        "A poll waits until there is news.",
    ]


def _failures(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} × {why}" for why, count in counts.items())
