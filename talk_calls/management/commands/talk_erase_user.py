"""Erase what the app knows about a user."""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from talk_calls.host import accounts
from talk_calls.host.actors import HostUser
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.lookups import get_account
from talk_calls.management.progress import Progress
from talk_calls.management.texts import lazy as _
from talk_calls.privacy import browser_sessions, erasure

_LABELS = {
    "app_passwords": _("app passwords"),
    "login_flows": _("logins of apps"),
    "signaling_messages": _("signaling messages"),
    "sessions": _("devices online"),
    "memberships": _("memberships and invitations"),
    "one_to_ones": _("one-to-ones"),
    "bans": _("bans of the person"),
    "bans_made": _("bans by the person"),
    "signaling_servers": _("conversations told to signaling servers"),
    "calls": _("calls that name the person"),
    "messages": _("messages that name the person"),
    "webhook_deliveries": _("deliveries of webhooks"),
    "events": _("stored events"),
    "events_of_old_processes": _("events of processes of 0.1"),
    "audit_entries": _("audit entries"),
    "legs": _("legs of calls"),
    "days": _("days of statistics"),
    "earlier_names": _("earlier user ids and addresses"),
}


class Command(OperatorCommand):
    """``manage.py talk_erase_user alice``."""

    help = _(
        "Take a user out of all conversations and erase them from everything that is stored "
        "(docs/privacy.md). The account stays: delete it, or deactivate it first, so that groups "
        "do not bring it back. After Ctrl-C or a failure, run it again for the rest."
    )
    exit_codes = OperatorCommand.exit_codes | {1: _("failed; what was erased before stays so")}

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "user", help=_("user name, e-mail address, primary key or id; may be deactivated")
        )
        parser.add_argument(
            "--no-input", action="store_true", help=_("do not ask for confirmation")
        )
        parser.add_argument(
            "--dry-run", action="store_true", help=_("only count what there is to erase")
        )
        add_reason_argument(parser)
        super().add_arguments(parser)

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        account = get_account(user)
        counts = erasure.count(account)
        if options["dry_run"]:
            self._report(counts, _("To erase:"), {"dry_run": True})
            return
        if not options["no_input"]:
            self._ask(account, sum(counts.values()))
        erasure.record()
        progress = Progress(self.stderr)
        erasure.erase(account, total=sum(counts.values()), progress=progress)
        browsers = browser_sessions.erase(account)
        self._report(counts, _("Erased:"), {"dry_run": False, "browser_sessions": browsers})

    def _ask(self, account: HostUser, total: int) -> None:
        """Ask for confirmation on the terminal; raises ``CommandError`` without a yes."""
        if not sys.stdin.isatty():
            hint = _("There is no terminal to ask on; add --no-input.")
            raise failure(_("Nothing was erased."), hint)
        question = _("Erase {user} for ever (rows: {count:,})? [y/N] ").format(
            user=accounts.describe(account), count=total
        )
        self.stderr.write(question, style_func=str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes", str(_("y")), str(_("yes"))}:
            raise failure(_("Nothing was erased."))

    def _report(self, counts: Mapping[str, int], heading: str, facts: dict[str, Any]) -> None:
        found = [f"{number:>10,}  {_LABELS[name]}" for name, number in counts.items() if number]
        nothing = f"{heading} {_('nothing.')}"
        self.answer({**facts, "counts": counts}, [heading, *found] if found else [nothing])
