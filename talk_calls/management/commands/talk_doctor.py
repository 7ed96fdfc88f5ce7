"""Is everything healthy? For people, and for monitoring."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from talk_calls.doctor.findings import Finding, Level, Visit
from talk_calls.doctor.registry import EXAMINATIONS, examine
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.progress import Progress

#: Exit codes, and the word on the first line, by how ill the worst is; as Nagios has them.
_CODES = {Level.OK: 0, Level.SKIPPED: 0, Level.WARNING: 1, Level.ERROR: 2}
_WORDS = ("OK", "WARNING", "CRITICAL")

Results = list[tuple[str, list[Finding]]]


def site_address(text: str) -> str:
    """Return the address of a site, for ``type=`` of an argument."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ArgumentTypeError(f"{text!r} is no address; write https://site.example.")
    if parts.username is not None:
        raise ArgumentTypeError("The address is asked without a login; leave it out.")
    return text


def seconds(text: str) -> float:
    """Return a number of seconds above 0, for ``type=`` of an argument."""
    try:
        if 0 < (value := float(text)) <= 600:  # noqa: PLR2004 -- ten minutes, and no endless one
            return value
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is no number of seconds between 0 and 600.")


class Command(OperatorCommand):
    """``manage.py talk_doctor --url https://site.example``."""

    help = (
        "Examine the site: tables, settings, clocks, records, hints between processes, cache, "
        "server, STUN and TURN. Nothing is changed. Exits with 0 if all is well, 1 with warnings, "
        "2 with errors, and says so on its first line, as monitoring wants it."
    )
    # A doctor does not refuse those who are ill; the system checks are an examination.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to examine, and how patiently."""
        parser.add_argument(
            "--url", type=site_address, help="the site's address, to ask it over HTTP"
        )
        parser.add_argument(
            "--only",
            action="append",
            choices=list(EXAMINATIONS),
            metavar="NAME",
            help=f"only this examination; may be repeated: {', '.join(EXAMINATIONS)}",
        )
        parser.add_argument(
            "--timeout",
            type=seconds,
            default=5.0,
            metavar="SECONDS",
            help="that each answer of another server may take (default: 5)",
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine one after the other, then tell."""
        names = [name for name in EXAMINATIONS if name in (options["only"] or EXAMINATIONS)]
        results = self._examined(names, options)
        worst = max(_CODES[each.level] for _, findings in results for each in findings)
        self.answer(_facts(results, worst), _lines(results, worst), options)
        if worst:
            raise SystemExit(worst)

    def _examined(self, names: list[str], options: dict[str, Any]) -> Results:
        progress = Progress(self.stderr)
        results: Results = []
        progress(0, len(names))
        for result in examine(names, lambda: _visit(options)):
            results.append(result)
            progress(len(results), len(names))
        return results


def _visit(options: dict[str, Any]) -> Visit:
    return Visit(now=clock.now(), url=options["url"] or "", timeout=options["timeout"])


def _facts(results: Results, worst: int) -> dict[str, Any]:
    return {
        "status": _WORDS[worst],
        "findings": [
            {"examination": name, "level": each.level, "says": each.says, "hint": each.hint}
            for name, findings in results
            for each in findings
        ],
    }


def _lines(results: Results, worst: int) -> Iterator[str]:
    yield f"TALK {_WORDS[worst]} - {_summary(results, worst)}"
    for name, findings in results:
        for each in findings:
            yield f"{each.level:<8} {name:<10} {each.says}"
            if each.hint:
                yield f"{'':<19} -> {each.hint}"


def _summary(results: Results, worst: int) -> str:
    """Return the first of the worst findings, and how many there are besides."""
    ill = [(name, f) for name, found in results for f in found if _CODES[f.level] == worst]
    if not worst:
        return f"{len(results)} examinations, nothing to worry about"
    (name, first), others = ill[0], len(ill) - 1
    return f"{name}: {first.says}" + (f" And {others} more." if others else "")
