"""Health checks of the site, for people and for monitoring."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.utils.translation import ngettext

from talk_calls.health.registry import CHECKS, Check, run_checks
from talk_calls.health.results import CheckContext, Level, Result
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.progress import Progress
from talk_calls.management.texts import lazy as _

#: The exit code for each level, and the word for each exit code: those of Nagios plugins.
_CODES = {Level.OK: 0, Level.SKIPPED: 0, Level.WARNING: 1, Level.ERROR: 2}
_WORDS = ("OK", "WARNING", "CRITICAL")


def site_address(text: str) -> str:
    """Return the address of a site, for ``type=`` of an argument."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = _("{text!r} is no address; write https://site.example.")
        raise ArgumentTypeError(message.format(text=text))
    if parts.username is not None:
        raise ArgumentTypeError(_("The site is requested without a login; leave it out."))
    return text


def seconds(text: str) -> float:
    """Return a number of seconds above 0, for ``type=`` of an argument."""
    try:
        if 0 < (value := float(text)) <= 600:  # noqa: PLR2004 -- ten minutes, and no endless one
            return value
    except ValueError:
        pass
    message = _("{text!r} is no number of seconds between 0 and 600.")
    raise ArgumentTypeError(message.format(text=text))


class Command(OperatorCommand):
    """``manage.py talk_health --url https://site.example``."""

    help = _(
        "Check the site: migrations, settings, clocks, call records, sweeping, webhooks, hints "
        "between processes, cache, server, addresses of clients, signaling servers, STUN and TURN. "
        "Nothing is changed. The first line has the result, as monitoring expects it."
    )
    exit_codes = OperatorCommand.exit_codes | {
        0: _("no problems"),
        1: _("warnings"),
        2: _("errors, or wrong arguments"),
    }
    # The system checks are part of the check "settings"; a failing one must not stop the command.
    requires_system_checks = ()

    #: The checks by the names that ``--only`` and the output use.
    checks: ClassVar[Mapping[str, Check]] = CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--url", type=site_address, help=_("the site's address, to request it over HTTP")
        )
        parser.add_argument(
            "--only",
            action="append",
            choices=list(self.checks),
            metavar="NAME",
            help=_("only this check; may be repeated: {names}").format(
                names=", ".join(self.checks)
            ),
        )
        parser.add_argument(
            "--timeout",
            type=seconds,
            default=5.0,
            metavar="SECONDS",
            help=_("how long each answer of another server may take (default: 5)"),
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
        yield self._styles()[code](f"TALK {_WORDS[code]} - {_summary(results, code)}")
        for each in results:
            style = self._styles()[_CODES[each.level]]
            level = each.level if each.level == Level.SKIPPED else style(each.level)
            yield f"{level}{' ' * (8 - len(each.level))} {each.check:<{width}} {each.message}"
            if each.hint:
                yield f"{'':<{width + 9}} -> {each.hint}"

    def _styles(self) -> tuple[Callable[[str], str], ...]:
        """Return the style for each exit code."""
        return self.style.SUCCESS, self.style.WARNING, self.style.ERROR


def _summary(results: list[Result], code: int) -> str:
    """Return the first of the worst results, and how many others are as bad."""
    if not code:
        number = len({each.check for each in results})
        text = ngettext("{number} check, no problems", "{number} checks, no problems", number)
        return text.format(number=number)
    first, *others = [each for each in results if _CODES[each.level] == code]
    more = str(_("And {number} more.")).format(number=len(others))
    return f"{first.check}: {first.message}" + (f" {more}" if others else "")
