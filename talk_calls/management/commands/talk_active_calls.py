"""Show which calls are running."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any, TypedDict

from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand
from talk_calls.management.limits import add_limit_argument, limited
from talk_calls.management.tables import Key, TextKey, table
from talk_calls.management.texts import lazy as _
from talk_calls.models import Call, Conversation
from talk_calls.reports.formatting import media_in_words, media_names
from talk_calls.reports.live import live_totals

#: The exit code with ``--exit-code`` while calls are running.
CALLS_ARE_RUNNING = 1


class Command(OperatorCommand):
    """``manage.py talk_active_calls --exit-code``."""

    help = _(
        "Show how many calls are in progress, and which. With --exit-code a script can wait until "
        "there are none."
    )
    exit_codes = OperatorCommand.exit_codes | {
        0: _("no calls are in progress, or --exit-code was not given"),
        CALLS_ARE_RUNNING: _("calls are in progress and --exit-code was given; or failed"),
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--exit-code", action="store_true", help=_("exit with 1 while calls are in progress")
        )
        add_limit_argument(parser, _("how many calls to list at most"))
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        calls = Call.objects.live(now).with_live(now).select_related("conversation")
        found = limited(calls, options["limit"])
        facts = [_facts(call, call.conversation, now) for call in found.rows if call.conversation]
        totals = live_totals(now)
        everything = {
            "as_of": now,
            "calls": totals.calls,
            "participants": totals.people,
            "devices": totals.devices,
            "list": facts,
            "more": found.more,
        }
        self.answer(everything, [totals.sentence, *_lines(facts), *found.lines])
        if options["exit_code"] and totals.calls:
            raise SystemExit(CALLS_ARE_RUNNING)


class _Facts(TypedDict):
    id: Key
    token: TextKey
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
        "token": TextKey(conversation.token),
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
        *(_("call"), _("token"), _("conversation"), _("kind"), _("people"), _("devices")),
        *(_("media"), _("since"), _("for"), _("oldest ping"), _("signaling server")),
    ]
    rows = [[*{**fact, "media": media_in_words(fact["media"])}.values()] for fact in facts]
    if not any(fact["signaling_server"] for fact in facts):
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    expendable = (_("devices"), _("kind"), _("signaling server"), _("since"), _("media"))
    lines = table(headings, rows, expendable=expendable)
    return ["", *lines] if lines else []
