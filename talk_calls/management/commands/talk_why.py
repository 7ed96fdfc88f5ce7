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
from talk_calls.reports.decisions import Action, Decision, Report, Step, Verdict, decide

_MARKS = {"passed": "+", "refused": "x", "depends": "?", "lowered": "-"}
_TITLES = {
    Action.ENTER: "Enter the conversation",
    Action.LIST: "List who is in the call",
    Action.JOIN: "Join a running call",
    Action.START: "Start a call",
    Action.LEAVE: "Leave the call",
}


class Command(OperatorCommand):
    """``manage.py talk_why TOKEN alice``."""

    help = (
        "Explain why somebody can or cannot join a conversation's call, rule by rule as the API "
        "asks. Exits with 0 if they can join the running call (or start one while none is "
        "running), 1 if they cannot, 2 if there is no such conversation, user or attendee."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token", help="the conversation's token")
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("user", nargs="?", help="user name, e-mail address or primary key")
        who.add_argument("--guest", action="store_true", help="somebody new without an account")
        who.add_argument("--attendee", type=int, metavar="ID", help="somebody in the conversation")
        parser.add_argument(
            "--action", choices=list(map(str, Action)), help="only the steps of this action"
        )
        parser.add_argument(
            "--api",
            choices=["v1", "v2", "v3", "v4"],
            default="v4",
            help="the API version of the app, which decides the exit code (default: v4)",
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
        self.answer(_facts(report, verdict, decisions), _lines(report, verdict, decisions))
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
            raise CommandError(
                f"The conversation has no attendee {attendee} who could act.", returncode=2
            ) from None


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


def _lines(report: Report, verdict: Verdict, decisions: list[Decision]) -> Iterator[str]:
    yield printable(verdict.explanation)
    if report.note:
        yield report.note
    for each in decisions:
        answer = f'refused, clients get "{each.refused.code}"' if each.refused else "allowed"
        unless = "" if each.applies else ", if that applied now"
        yield ""
        yield f"{_TITLES[each.action]} ({', '.join(each.versions)}): {answer}{unless}"
        yield from map(_line, each.steps)
        if each.rest:
            yield f"    not asked after that: {each.rest}"
    if report.policy:
        yield ""
        yield "What the site's policy answers besides"
        yield from map(_line, report.policy)


def _line(step: Step) -> str:
    return f"  {_MARKS[step.outcome]} {step.outcome:<8} {printable(step.explanation)}"
