"""Ban people from a conversation, lift bans, and list them."""

from argparse import ArgumentParser
from datetime import datetime
from functools import partial
from typing import Any, TypedDict

from talk_calls.conf import conf
from talk_calls.constants import BanKind
from talk_calls.exceptions import NoSuchTarget, TalkError
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.batches import Step, all_or_nothing, run_steps
from talk_calls.management.lookups import get_conversation, get_group_conversation, get_user
from talk_calls.management.progress import Progress
from talk_calls.management.tables import Key, table
from talk_calls.models import Ban, Conversation
from talk_calls.services import bans

_HEADINGS = ("Number", "Name", "Who", "Kind", "By", "Since", "Note", "They read")


class Facts(TypedDict):
    """A ban; ``who`` is the id by which clients know them, empty for guests."""

    id: Key
    name: str
    who: str
    kind: str
    by: str
    since: datetime
    note: str
    shown: str


class Command(OperatorCommand):
    """``manage.py talk_ban add TOKEN --user bob --note "Shouts."``."""

    help = (
        "Ban users, e-mail invitees and addresses from a conversation, lift bans, and list them. "
        "All of them or none. Guests are banned in the admin or on the call page. Exits with 0 or "
        "1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for name, text in {
            "add": "ban people; who is there is removed",
            "remove": "lift bans, by their numbers",
            "list": "list who is banned, the newest ban first",
        }.items():
            own = subparsers.add_parser(name, help=text, description=text.capitalize() + ".")
            own.add_argument("token", help="the conversation, as in its link")
            getattr(self, f"_{name}_arguments", lambda _parser: None)(own)
            super().add_arguments(own)

    def handle(self, *args: Any, action: str, token: str, **options: Any) -> None:
        match action:
            case "add":
                self._add(get_group_conversation(token), options)
            case "remove":
                self._remove(get_conversation(token), options["numbers"])
            case "list":
                facts = [_facts(ban) for ban in bans.of(get_conversation(token))]
                lines = table(_HEADINGS, [list(each.values()) for each in facts])
                self.answer(facts, lines or ["Nobody is banned."])

    def _add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", action="append", default=[], help="may be repeated")
        parser.add_argument("--email", action="append", default=[], help="an invited address")
        parser.add_argument(
            "--address", action="append", default=[], help="of the internet; of IPv6 the /64"
        )
        parser.add_argument("--note", default="", help="for moderators alone")
        parser.add_argument("--shown-note", default="", help="what they read")
        add_reason_argument(parser)

    def _remove_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("numbers", nargs="+", type=int, metavar="NUMBER", help="as listed")
        add_reason_argument(parser)

    def _add(self, conversation: Conversation, options: dict[str, Any]) -> None:
        users = [conf.directory.user_id(get_user(name)) for name in options["user"]]
        targets = [
            *((BanKind.USERS, user_id) for user_id in users),
            *((BanKind.EMAILS, address) for address in options["email"]),
            *((BanKind.ADDRESSES, address) for address in options["address"]),
        ]
        if not targets:
            raise failure("Nobody is named.", "Name people with --user, --email and --address.")
        notes = bans.Notes(options["note"], options["shown_note"])

        def ban_all() -> list[Ban]:
            made: list[Ban] = []  # a new one whenever the transaction is run again

            def ban(kind: BanKind, actor_id: str) -> None:
                made.append(_ban(conversation, kind, actor_id, notes))

            steps = [Step(partial(ban, *target)) for target in targets]
            run_steps(steps, Progress(self.stderr))
            return made

        made = all_or_nothing(ban_all)
        self.answer([_facts(each) for each in made], [f"Banned: {len(made)}."])

    def _remove(self, conversation: Conversation, numbers: list[int]) -> None:
        def lift(number: int) -> None:
            try:
                bans.lift(conversation=conversation, ban_id=number, now=clock.now())
            except NoSuchTarget as refusal:
                hint = f"talk_ban list {conversation.token} has the numbers. Nothing was changed."
                raise failure(f"There is no ban {number} here.", hint) from refusal

        steps = [Step(partial(lift, number)) for number in dict.fromkeys(numbers)]
        all_or_nothing(partial(run_steps, steps, Progress(self.stderr)))
        facts = {"token": conversation.token, "lifted": list(dict.fromkeys(numbers))}
        self.answer(facts, [f"Lifted: {len(steps)}."])


def _ban(conversation: Conversation, kind: BanKind, actor_id: str, notes: bans.Notes) -> Ban:
    try:
        return bans.ban(
            conversation=conversation,
            kind=kind,
            actor_id=actor_id,
            notes=notes,
            performed_by=None,
            now=clock.now(),
        )
    except TalkError as refusal:
        raise failure(f"{actor_id!r}: {refusal.message}", "Nothing was changed.") from refusal


def _facts(ban: Ban) -> Facts:
    return {
        "id": Key(ban.pk),
        "name": ban.title,
        "who": "" if ban.browser else ban.known_as,
        "kind": ban.actor_type,
        "by": ban.moderator,
        "since": ban.created_at,
        "note": ban.internal_note,
        "shown": ban.shown_note,
    }
