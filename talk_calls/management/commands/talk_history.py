"""List past and running calls."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any, TypedDict

from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.limits import add_limit_argument, limited
from talk_calls.management.lookups import find_user, get_conversation, get_user
from talk_calls.management.tables import Key, TextKey, table
from talk_calls.management.texts import lazy as _
from talk_calls.management.times import parse_time
from talk_calls.models import Call
from talk_calls.reports.call_ends import reason_text
from talk_calls.reports.history import history


class Command(OperatorCommand):
    """``manage.py talk_history --since 7d``."""

    help = _("List calls, the newest first. talk_call NUMBER shows one of them in detail.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=parse_time,
            metavar="TIME",
            help=_("calls that were running after 7d, 24h, 2026-01-31 or 2026-01-31T18:00"),
        )
        parser.add_argument(
            "--until",
            type=parse_time,
            metavar="TIME",
            help=_("calls that started before that time, which is written in the same ways"),
        )
        parser.add_argument("--conversation", metavar="TOKEN", help=_("calls of this conversation"))
        parser.add_argument("--user", metavar="NAME", help=_("calls that this user was in"))
        add_limit_argument(parser, _("how many calls to list at most"))
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        token, name = options["conversation"], options["user"]
        user = find_user(name) if name else None
        now = clock.now()
        calls = history(
            now,
            since=options["since"],
            until=options["until"],
            conversation=get_conversation(token) if token else None,
            user_id=conf.directory.user_id(user) if user else name,
        )
        found = limited(calls, options["limit"])
        if name and not user and not found.rows:
            get_user(name)  # raises, with a hint
        facts = [_facts(call) for call in found.rows]
        lines = _table(facts) or [_("No calls.")]
        self.answer({"list": facts, "more": found.more}, [*lines, *found.lines])


class _Facts(TypedDict):
    id: Key
    token: TextKey | None
    name: str
    started: datetime
    ended: datetime | None
    seconds: timedelta
    people: int
    reason: str
    ended_by: str


def _facts(call: Call) -> _Facts:
    return {
        "id": Key(call.pk),
        "token": TextKey(call.conversation.token) if call.conversation else None,
        "name": call.conversation_name,
        "started": call.started_at,
        "ended": call.effective_end,
        "seconds": call.effective_duration,
        "people": call.people,
        "reason": call.effective_reason,
        "ended_by": call.ended_by,
    }


def _table(facts: list[_Facts]) -> list[str]:
    headings = [
        *(_("call"), _("token"), _("conversation"), _("started"), _("ended"), _("for")),
        *(_("people"), _("why"), _("by")),
    ]
    rows = [[*_with_text(fact).values()] for fact in facts]
    return table(headings, rows, expendable=(_("ended"), _("by"), _("people"), _("why")))


def _with_text(fact: _Facts) -> dict[str, object]:
    return {**fact, "reason": reason_text(fact["reason"])}
