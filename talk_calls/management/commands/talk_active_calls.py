"""Show which calls are running."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any, TypedDict

from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.tables import Key, table
from talk_calls.models import Call, Conversation
from talk_calls.reports.formatting import media_names
from talk_calls.reports.live import live_totals

#: The exit code with ``--exit-code`` while calls are running.
CALLS_ARE_RUNNING = 1


class Command(OperatorCommand):
    """``manage.py talk_active_calls --exit-code``."""

    help = (
        "Show how many calls are in progress, and which. Exits with 0; with --exit-code it exits "
        "with 1 while calls are in progress, so that a script can wait until there are none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--exit-code", action="store_true", help="exit with 1 while calls are in progress"
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        calls = Call.objects.live(now).with_live(now).select_related("conversation")
        facts = [_facts(call, call.conversation, now) for call in calls if call.conversation]
        totals = live_totals(now)
        everything = {
            "as_of": now,
            "calls": totals.calls,
            "participants": totals.people,
            "devices": totals.devices,
            "list": facts,
        }
        self.answer(everything, [totals.sentence, *_lines(facts)])
        if options["exit_code"] and totals.calls:
            raise SystemExit(CALLS_ARE_RUNNING)


class _Facts(TypedDict):
    id: Key
    token: str
    name: str
    kind: str
    participants: int
    devices: int
    media: list[str]
    since: datetime
    lasting: timedelta
    oldest_ping: timedelta
    signaling_server: str


def _facts(call: Call, conversation: Conversation, now: datetime) -> _Facts:
    return {
        "id": Key(call.pk),
        "token": conversation.token,
        "name": call.conversation_name,
        "kind": conversation.get_type_display(),
        "participants": call.people_now,
        "devices": call.devices_now,
        "media": media_names(call.flags_now),
        "since": call.started_at,
        "lasting": now - call.started_at,
        "oldest_ping": max(timedelta(), now - call.oldest_ping),
        "signaling_server": call.signaling_server,
    }


def _lines(facts: list[_Facts]) -> list[str]:
    headings = [
        *("call", "token", "conversation", "kind", "people", "devices", "media"),
        *("since", "for", "oldest ping", "signaling server"),
    ]
    rows = [[*{**fact, "media": ", ".join(fact["media"])}.values()] for fact in facts]
    if not any(fact["signaling_server"] for fact in facts):
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    lines = table(headings, rows)
    return ["", *lines] if lines else []
