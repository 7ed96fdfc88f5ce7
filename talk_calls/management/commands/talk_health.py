"""Health checks of the site, for people and for monitoring."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from talk_calls.health.registry import CHECKS, Check, run_checks
from talk_calls.health.results import CheckContext, Level, Result
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.progress import Progress

#: The exit code for each level, and the word for each exit code: those of Nagios plugins.
_CODES = {Level.OK: 0, Level.SKIPPED: 0, Level.WARNING: 1, Level.ERROR: 2}
_WORDS = ("OK", "WARNING", "CRITICAL")


def site_address(text: str) -> str:
    """Return the address of a site, for ``type=`` of an argument."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ArgumentTypeError(f"{text!r} is no address; write https://site.example.")
    if parts.username is not None:
        raise ArgumentTypeError("The site is requested without a login; leave it out.")
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
    """``manage.py talk_health --url https://site.example``."""

    help = (
        "Check the site: migrations, settings, clocks, call records, sweeping, hints between "
        "processes, cache, server, addresses of clients, signaling servers, STUN and TURN. Nothing "
        "is changed. Exits with 0 if all is well, 1 with warnings, 2 with errors; the first line "
        "says which, as monitoring expects it."
    )
    # The system checks are part of the check "settings"; a failing one must not stop the command.
    requires_system_checks = ()

    #: The checks by the names that ``--only`` and the output use.
    checks: ClassVar[Mapping[str, Check]] = CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--url", type=site_address, help="the site's address, to request it over HTTP"
        )
        parser.add_argument(
            "--only",
            action="append",
            choices=list(self.checks),
            metavar="NAME",
            help=f"only this check; may be repeated: {', '.join(self.checks)}",
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
        names = options["only"] or list(self.checks)
        results = self._run(names, options["url"] or "", options["timeout"])
        code = max(_CODES[each.level] for each in results)
        self.answer(self.report(results, _WORDS[code]), self._lines(results, code))
        if code:
            raise SystemExit(code)

    def _run(self, names: list[str], url: str, timeout: float) -> list[Result]:
        def context() -> CheckContext:
            return CheckContext(now=clock.now(), url=url, timeout=timeout)

        checks = {name: check for name, check in self.checks.items() if name in names}
        progress = Progress(self.stderr)
        results: list[Result] = []
        progress(0, len(checks))
        for done, more in enumerate(run_checks(checks, context), start=1):
            results += more
            progress(done, len(checks))
        return results

    def report(self, results: list[Result], status: str) -> dict[str, object]:
        """Return what ``--json`` prints."""
        return {
            "status": status,
            "results": [
                {
                    "check": each.check,
                    "level": each.level,
                    "message": each.message,
                    "hint": each.hint,
                }
                for each in results
            ],
        }

    def _lines(self, results: list[Result], code: int) -> Iterator[str]:
        width = max(map(len, self.checks))
        yield f"TALK {_WORDS[code]} - {_summary(results, code)}"
        for each in results:
            yield f"{each.level:<8} {each.check:<{width}} {each.message}"
            if each.hint:
                yield f"{'':<{width + 9}} -> {each.hint}"


def _summary(results: list[Result], code: int) -> str:
    """Return the first of the worst results, and how many others are as bad."""
    if not code:
        return f"{len({each.check for each in results})} checks, no problems"
    first, *others = [each for each in results if _CODES[each.level] == code]
    return f"{first.check}: {first.message}" + (f" And {len(others)} more." if others else "")
