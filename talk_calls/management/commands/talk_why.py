"""Explain why somebody can or cannot join a call."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from talk_calls.exceptions import NoSuchTarget
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.lookups import get_conversation, get_user
from talk_calls.management.tables import printable
from talk_calls.management.texts import lazy as _
from talk_calls.management.widths import display_width
from talk_calls.reports.decisions import Action, Decision, Report, Step, Verdict, decide

_MARKS = {"passed": "+", "refused": "x", "depends": "?", "lowered": "-"}
_OUTCOMES = {
    "passed": _("passed"),
    "refused": _("refused"),
    "depends": _("depends"),
    "lowered": _("lowered"),
}

_TITLES = {
    Action.ENTER: _("Enter the conversation"),
    Action.LIST: _("List who is in the call"),
    Action.JOIN: _("Join a running call"),
    Action.START: _("Start a call"),
    Action.LEAVE: _("Leave the call"),
}


class Command(OperatorCommand):
    """``manage.py talk_why TOKEN alice``."""

    help = _(
        "Explain why somebody can or cannot join a conversation's call, rule by rule as the API "
        "asks."
    )
    exit_codes = OperatorCommand.exit_codes | {
        0: _("they can join the running call, or start one while none is running"),
        1: _("they cannot"),
        2: _("there is no such conversation, user or attendee, or wrong arguments"),
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token", help=_("the token of the conversation, as in its link"))
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("user", nargs="?", help=_("user name, e-mail address or primary key"))
        who.add_argument("--guest", action="store_true", help=_("somebody new without an account"))
        who.add_argument(
            "--attendee",
            type=int,
            metavar="ID",
            help=_("somebody in the conversation, by the number that the admin shows"),
        )
        parser.add_argument(
            "--action", choices=list(map(str, Action)), help=_("only the steps of this action")
        )
        parser.add_argument(
            "--api",
            choices=["v1", "v2", "v3", "v4"],
            default="v4",
            help=_("the API version of the app, which decides the exit code (default: v4)"),
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        version, action = options["api"], options["action"]
        report = self._report(options["token"], options["user"], options["attendee"])
        verdict = report.verdict_of(version)
        decisions = [
            each
            for each in report.decisions
            if version in each.versions and action in (None, each.action)
        ]
        lines = self._lines(report, verdict, decisions)
        self.answer(_facts(report, verdict, decisions), lines)
        if not verdict.can:
            raise SystemExit(1)

    def _report(self, token: str, name: str | None, attendee: int | None) -> Report:
        try:
            get_conversation(token)
            user = get_user(name) if name is not None else None
            return decide(token=token, now=clock.now(), user=user, attendee_id=attendee)
        except CommandError as error:
            raise CommandError(str(error), returncode=2) from error
        except NoSuchTarget:
            message = _("The conversation has no attendee {number} who could act.")
            raise CommandError(message.format(number=attendee), returncode=2) from None

    def _lines(self, report: Report, verdict: Verdict, decisions: list[Decision]) -> Iterator[str]:
        style = self.style.SUCCESS if verdict.can else self.style.WARNING
        yield style(printable(verdict.explanation))
        if report.note:
            yield report.note
        for each in decisions:
            yield ""
            yield _heading(each)
            yield from map(self._line, each.steps)
            if each.rest:
                yield "    " + _("not asked after that: {rules}").format(rules=each.rest)
        if report.policy:
            yield ""
            yield str(_("What the site's policy answers besides"))
            yield from map(self._line, report.policy)

    def _line(self, step: Step) -> str:
        styles = {"passed": self.style.SUCCESS, "refused": self.style.ERROR}
        style = styles.get(step.outcome, self.style.WARNING)
        mark = style(f"{_MARKS[step.outcome]} {_OUTCOMES[step.outcome]}")
        widest = max(display_width(str(word)) for word in _OUTCOMES.values())
        gap = " " * (widest - display_width(str(_OUTCOMES[step.outcome])))
        return f"  {mark}{gap}  {printable(step.explanation)}"


def _facts(report: Report, verdict: Verdict, decisions: list[Decision]) -> dict[str, object]:
    return {
        "conversation": report.conversation.token,
        "actor": report.name,
        "has_call": report.has_call,
        "can": verdict.can,
        "verdict": verdict.explanation,
        "note": report.note,
        "decisions": [
            {
                "action": each.action,
                "versions": each.versions,
                "applies": each.applies,
                "allowed": each.refused is None,
                "code": each.refused.code if each.refused else "",
                "steps": [_step(step) for step in each.steps],
                "not_asked": each.not_asked,
            }
            for each in decisions
        ],
        "policy": [_step(step) for step in report.policy],
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "rule": step.rule,
        "outcome": step.outcome,
        "says": step.explanation,
        "code": step.code,
    }


def _heading(decision: Decision) -> str:
    """Return the action, the versions that answer like that, and what they answer."""
    if decision.refused:
        answer = _('refused, clients get "{code}"').format(code=decision.refused.code)
    else:
        answer = str(_("allowed"))
    if not decision.applies:
        answer = _("{answer}, if that applied now").format(answer=answer)
    return f"{_TITLES[decision.action]} ({', '.join(decision.versions)}): {answer}"
