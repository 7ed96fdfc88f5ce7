"""Make, change, delete and show conversations."""

import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from talk_calls.constants import (
    NAME_MAX_BYTES,
    RENAME_MAX_BYTES,
    ConversationType,
    Listable,
    ParticipantType,
    ReadOnly,
)
from talk_calls.exceptions import InvalidValue, NoSuchTarget
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.management import conversations as shown
from talk_calls.management.base import OperatorCommand, failure
from talk_calls.management.deeds import Step, all_or_nothing, group_called, take
from talk_calls.management.lookups import conversation_called, user_called
from talk_calls.management.passwords import password_given
from talk_calls.management.people import (
    add_people_arguments,
    adding,
    people_called,
    users_called,
)
from talk_calls.management.progress import Progress
from talk_calls.models import Conversation
from talk_calls.reports import conversations as reports
from talk_calls.services import conversations, creation, participants, permissions


class Command(OperatorCommand):
    """``manage.py talk_conversation create|update|delete|show|list``."""

    help = (
        "Make, change, delete and show conversations. A change is made as a whole or not at all, "
        "also if it is stopped by Ctrl-C. Exits with 0 or 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do; each deed has arguments of its own."""
        deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
        for name, words in {
            "create": "make a group or public conversation",
            "update": "change what is named and nothing else",
            "delete": "delete one with its attendees; the history of its calls stays",
            "show": "show one with its attendees and last calls",
            "list": "list all, those with the latest activity first",
        }.items():
            own = deeds.add_parser(name, help=words, description=words.capitalize() + ".")
            getattr(self, f"_{name}_arguments", _no_arguments)(own)
            super().add_arguments(own)

    def handle(self, *args: Any, deed: str, **options: Any) -> None:
        """Do what was asked."""
        getattr(self, f"_{deed}")(options)

    def _create_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--description", default="")
        add_people_arguments(parser)
        parser.add_argument("--public", action="store_true", help="whoever has the link may join")
        parser.add_argument("--readonly", action="store_true", help="locked: no calls")
        parser.add_argument("--listable", type=int, choices=Listable.values, default=0)
        parser.add_argument("--password", help=_PASSWORD)
        parser.add_argument("--owner", metavar="USER")
        parser.add_argument(
            "--moderator", action="append", default=[], metavar="USER", help="any number"
        )

    def _update_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token")
        parser.add_argument("--name")
        parser.add_argument("--description")
        parser.add_argument("--public", type=int, choices=(0, 1))
        parser.add_argument("--readonly", type=int, choices=ReadOnly.values)
        parser.add_argument("--listable", type=int, choices=Listable.values)
        parser.add_argument("--password", help=f"{_PASSWORD}; '' removes it")
        parser.add_argument("--owner", metavar="USER", help="an attendee; '' leaves it without")

    def _delete_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def _show_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token")

    def _create(self, options: dict[str, Any]) -> None:
        name = _checked_name(options["name"], NAME_MAX_BYTES)
        _check_description(options["description"])
        owner = user_called(options["owner"]) if options["owner"] else None
        moderators = users_called(options["moderator"])
        people = people_called(options["user"], options["group"])
        terms = creation.ConversationOptions(
            description=options["description"],
            password=password_given(options["password"]) or "",
            read_only=ReadOnly(options["readonly"]),
            listable=Listable(options["listable"]),
        )
        kind = ConversationType.PUBLIC if options["public"] else ConversationType.GROUP

        def make() -> Conversation:
            made = creation.create(kind=kind, name=name, owner=owner, terms=terms)
            take([*_leading(made, moderators), *adding(made, people)], Progress(self.stderr))
            return made

        conversation = all_or_nothing(make)
        said = ["Room successfully created.", f"Its token is {conversation.token}."]
        self.answer(shown.facts(conversation, clock.now()), said, options)

    def _update(self, options: dict[str, Any]) -> None:
        conversation = group_called(options["token"])
        if options["name"] is not None:
            _checked_name(options["name"], RENAME_MAX_BYTES)
        _check_description(options["description"] or "")
        steps = _updating(conversation, options | {"password": password_given(options["password"])})
        if not steps:
            raise failure("Nothing to change.", "talk_conversation update --help has the options.")
        all_or_nothing(partial(take, steps))
        facts = shown.facts(conversation, clock.now())
        self.answer(facts, ["Room successfully updated."], options)

    def _delete(self, options: dict[str, Any]) -> None:
        conversation = group_called(options["token"])
        if not options["yes"]:
            self._ask(conversation)
        conversations.delete(conversation=conversation, now=clock.now())
        facts = {"token": options["token"], "deleted": True}
        self.answer(facts, ["Room successfully deleted."], options)

    def _ask(self, conversation: Conversation) -> None:
        """Ask on the terminal; raises ``CommandError`` for anything but yes."""
        if not sys.stdin.isatty():
            raise failure("Nothing was deleted.", "Nobody can be asked here; say --yes.")
        attendees = conversation.attendees.count()
        question = f"Delete {str(conversation)!r} with {attendees} attendees? [y/N] "
        self.stderr.write(question, style_func=str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise failure("Nothing was deleted.")

    def _show(self, options: dict[str, Any]) -> None:
        facts = shown.facts(conversation_called(options["token"]), clock.now())
        self.answer(facts, shown.lines(facts), options)

    def _list(self, options: dict[str, Any]) -> None:
        now = clock.now()
        rows = reports.listed(Conversation.objects.order_by("-last_activity_at", "-pk"), now)
        facts = [shown.summary(row, now) for row in rows]
        self.answer(facts, shown.list_lines(facts), options)


_PASSWORD = "for newcomers; - asks for it or reads a line, and leaves no trace in the shell"


def _no_arguments(parser: ArgumentParser) -> None:
    """Take nothing."""


def _checked_name(name: str, most: int) -> str:
    try:
        return creation.checked_name(name, most)
    except InvalidValue as refusal:
        raise failure("Invalid room name.", refusal.message) from refusal


def _check_description(description: str) -> None:
    try:
        creation.checked_description(description)
    except InvalidValue as refusal:
        raise failure("Invalid room description.", refusal.message) from refusal


def _leading(conversation: Conversation, users: list[HostUser]) -> list[Step]:
    """Return the steps that add users as moderators."""
    role = ParticipantType.MODERATOR
    add = partial(participants.add_user, conversation=conversation, participant_type=role)
    return [Step(partial(add, user=user)) for user in users]


def _updating(conversation: Conversation, options: dict[str, Any]) -> list[Step]:
    """Return a step for each option that was given; whether it is public comes first."""
    change: dict[str, Any] = {
        "public": lambda public: conversations.set_public(public=bool(public), **where),
        "password": lambda password: conversations.set_password(password=password, **where),
        "name": lambda name: conversations.rename(name=name, **where),
        "description": lambda words: conversations.describe(description=words, **where),
        "listable": lambda scope: conversations.set_listable(scope=Listable(scope), **where),
        "owner": lambda user_id: _set_owner(conversation, user_id),
        "readonly": lambda state: conversations.set_read_only(state=ReadOnly(state), **where),
    }
    where: dict[str, Any] = {"conversation": conversation, "now": clock.now()}
    return [
        Step(partial(do, options[name])) for name, do in change.items() if options[name] is not None
    ]


def _set_owner(conversation: Conversation, user_id: str) -> None:
    user = user_called(user_id) if user_id else None
    try:
        permissions.set_owner(conversation=conversation, user=user, now=clock.now())
    except NoSuchTarget as refusal:
        hint = f"Add them first: talk_attendee add {conversation.token} {user_id}"
        raise failure(f"User {user_id!r} is no participant.", hint) from refusal
