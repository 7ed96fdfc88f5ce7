"""Ban people from a conversation, lift bans, and list them."""

from argparse import ArgumentParser
from datetime import datetime
from functools import partial
from typing import Any, TypedDict

from django.utils.text import capfirst

from talk_calls.conf import conf
from talk_calls.constants import BanKind
from talk_calls.exceptions import NoSuchTarget, TalkError
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.batches import Step, all_or_nothing, run_steps
from talk_calls.management.limits import add_limit_argument, limited
from talk_calls.management.lookups import get_conversation, get_group_conversation, get_user
from talk_calls.management.progress import Progress
from talk_calls.management.tables import Key, TextKey, table
from talk_calls.management.texts import lazy as _
from talk_calls.models import Ban, Conversation
from talk_calls.services import bans

_HEADINGS = (
    *(_("Number"), _("Name"), _("Who"), _("Kind"), _("By"), _("Since"), _("Note")),
    _("They read"),
)


class Facts(TypedDict):
    """A ban; ``who`` is the id by which clients know them, empty for guests."""

    id: Key
    name: str
    who: TextKey
    kind: str
    by: str
    since: datetime
    note: str
    shown: str


class Command(OperatorCommand):
    """``manage.py talk_ban add TOKEN --user bob --note "Shouts."``."""

    help = _(
        "Ban users, e-mail invitees and addresses from a conversation, lift bans, and list them. "
        "All of them or none. Guests are banned in the admin or on the call page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for name, text in {
            "add": _("ban people; who is there is removed"),
            "remove": _("lift bans, by their numbers"),
            "list": _("list who is banned, the newest ban first"),
        }.items():
            own = subparsers.add_parser(name, help=text, description=f"{capfirst(text)}.")
            own.add_argument("token", help=_("the token of the conversation, as in its link"))
            getattr(self, f"_{name}_arguments")(own)
            super().add_arguments(own)

    def handle(self, *args: Any, action: str, token: str, **options: Any) -> None:
        match action:
            case "add":
                self._add(get_group_conversation(token), options)
            case "remove":
                self._remove(get_conversation(token), options["numbers"])
            case "list":
                self._list(get_conversation(token), options["limit"])

    def _add_arguments(self, parser: ArgumentParser) -> None:
        for name, text in {
            "user": _("a user to ban; may be repeated"),
            "email": _("an invited e-mail address to ban; may be repeated"),
            "address": _("an address of the internet to ban, of IPv6 its /64; may be repeated"),
        }.items():
            parser.add_argument(
                f"--{name}", action="append", default=[], metavar=name.upper(), help=text
            )
        parser.add_argument("--note", default="", help=_("why, for moderators alone"))
        parser.add_argument("--shown-note", default="", help=_("what the banned people read"))
        add_reason_argument(parser)

    def _remove_arguments(self, parser: ArgumentParser) -> None:
        numbers = _("the numbers of the bans, as talk_ban list shows them")
        parser.add_argument("numbers", nargs="+", type=int, metavar="NUMBER", help=numbers)
        add_reason_argument(parser)

    def _list_arguments(self, parser: ArgumentParser) -> None:
        add_limit_argument(parser, _("how many bans to list at most"))

    def _add(self, conversation: Conversation, options: dict[str, Any]) -> None:
        users = [conf.directory.user_id(get_user(name)) for name in options["user"]]
        targets = [
            *((BanKind.USERS, user_id) for user_id in users),
            *((BanKind.EMAILS, address) for address in options["email"]),
            *((BanKind.ADDRESSES, address) for address in options["address"]),
        ]
        if not targets:
            hint = _("Name people with --user, --email and --address.")
            raise failure(_("Nobody is named."), hint)
        notes = bans.Notes(options["note"], options["shown_note"])

        def ban_all() -> list[Ban]:
            made: list[Ban] = []  # a new one whenever the transaction is run again

            def ban(kind: BanKind, actor_id: str) -> None:
                made.append(_ban(conversation, kind, actor_id, notes))

            steps = [Step(partial(ban, *target)) for target in targets]
            run_steps(steps, Progress(self.stderr))
            return made

        made = all_or_nothing(ban_all)
        sentence = _("Banned: {count}.").format(count=len(made))
        self.answer([_facts(each) for each in made], [self.style.SUCCESS(sentence)])

    def _remove(self, conversation: Conversation, numbers: list[int]) -> None:
        def lift(number: int) -> None:
            try:
                bans.lift(conversation=conversation, ban_id=number, now=clock.now())
            except NoSuchTarget as refusal:
                hint = _("talk_ban list {token} has the numbers. Nothing was changed.")
                raise failure(
                    _("There is no ban {number} here.").format(number=number),
                    hint.format(token=conversation.token),
                ) from refusal

        steps = [Step(partial(lift, number)) for number in dict.fromkeys(numbers)]
        all_or_nothing(partial(run_steps, steps, Progress(self.stderr)))
        facts = {"token": conversation.token, "lifted": list(dict.fromkeys(numbers))}
        sentence = _("Lifted: {count}.").format(count=len(steps))
        self.answer(facts, [self.style.SUCCESS(sentence)])

    def _list(self, conversation: Conversation, limit: int) -> None:
        found = limited(bans.of(conversation), limit)
        facts = [_facts(ban) for ban in found.rows]
        rows = [[*{**each, "kind": BanKind(each["kind"]).label}.values()] for each in facts]
        lines = table(_HEADINGS, rows, expendable=(_("Kind"), _("By"), _("They read")))
        lines = lines or [str(_("Nobody is banned."))]
        self.answer({"list": facts, "more": found.more}, [*lines, *found.lines])


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
        hint = _("Nothing was changed.")
        raise failure(f"{actor_id!r}: {refusal.message}", hint) from refusal


def _facts(ban: Ban) -> Facts:
    return {
        "id": Key(ban.pk),
        "name": ban.title,
        "who": TextKey("" if ban.browser else ban.known_as),
        "kind": ban.actor_type,
        "by": ban.moderator,
        "since": ban.created_at,
        "note": ban.internal_note,
        "shown": ban.shown_note,
    }
