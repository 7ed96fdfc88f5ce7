"""List past and running calls."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any, TypedDict

from talk_calls.conf import conf
from talk_calls.constants import LegReason
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.lookups import find_user, get_conversation, get_user
from talk_calls.management.numbers import positive
from talk_calls.management.tables import Key, table
from talk_calls.management.times import parse_time
from talk_calls.models import Call
from talk_calls.reports.history import end_of, history

_LIMIT = 50


class Command(OperatorCommand):
    """``manage.py talk_history --since 7d``."""

    help = "List calls, the newest first. talk_call NUMBER shows one of them in detail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        when = "7d, 24h, 2026-01-31 or 2026-01-31T18:00"
        parser.add_argument(
            "--since", type=parse_time, help=f"calls that were running after {when}"
        )
        parser.add_argument("--until", type=parse_time, help=f"calls that started before {when}")
        parser.add_argument("--conversation", metavar="TOKEN", help="calls of this conversation")
        parser.add_argument("--user", metavar="NAME", help="calls that this user was in")
        parser.add_argument(
            "--limit", type=positive, default=_LIMIT, help=f"how many calls at most ({_LIMIT})"
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        token, name = options["conversation"], options["user"]
        user = find_user(name) if name else None
        calls = history(
            since=options["since"],
            until=options["until"],
            conversation=get_conversation(token) if token else None,
            user_id=conf.directory.user_id(user) if user else name,
        )
        limit = options["limit"]
        found = list(calls[: limit + 1])
        if name and not user and not found:
            get_user(name)  # raises, with a hint
        now = clock.now()
        facts = [_facts(call, now) for call in found[:limit]]
        lines = _table(facts) or ["No calls."]
        more = ["", f"There are more; --limit shows more than {limit}."]
        self.answer(facts, lines + more * (len(found) > limit))


class _Facts(TypedDict):
    id: Key
    token: str | None
    name: str
    started: datetime
    ended: datetime | None
    seconds: timedelta
    people: int
    reason: str
    ended_by: str


def _facts(call: Call, now: datetime) -> _Facts:
    ended, reason = end_of(call, now)
    return {
        "id": Key(call.pk),
        "token": call.conversation.token if call.conversation else None,
        "name": call.conversation_name,
        "started": call.started_at,
        "ended": ended,
        "seconds": (ended or now) - call.started_at,
        "people": call.people,
        "reason": reason,
        "ended_by": call.ended_by,
    }


def _table(facts: list[_Facts]) -> list[str]:
    headings = ("call", "token", "conversation", "started", "ended", "for", "people", "why", "by")
    return table(headings, ([*_with_text(fact).values()] for fact in facts))


def _with_text(fact: _Facts) -> dict[str, object]:
    reason = fact["reason"]
    return {**fact, "reason": LegReason(reason).label if reason else "not ended"}
