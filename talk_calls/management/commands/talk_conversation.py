"""Create, change, delete and show conversations."""

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from typing import Any, TypedDict, TypeVar

from django.utils.text import capfirst

from talk_calls import names
from talk_calls.constants import ConversationType, Listable, ParticipantType, ReadOnly
from talk_calls.exceptions import InvalidValue, NoSuchTarget
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.management import conversation_output as display
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.batches import Step, all_or_nothing, run_steps
from talk_calls.management.limits import add_limit_argument, limited
from talk_calls.management.lookups import get_conversation, get_group_conversation, get_user
from talk_calls.management.passwords import resolve_password
from talk_calls.management.people import (
    add_people_arguments,
    get_people,
    get_users,
    no_participant,
    steps_to_add,
)
from talk_calls.management.progress import Progress
from talk_calls.management.questions import ask_before
from talk_calls.management.texts import lazy as _
from talk_calls.models import Conversation
from talk_calls.reports import conversations as reports
from talk_calls.services import conversations, creation, participants, permissions
from talk_calls.services.conversation_options import ConversationOptions, checked_description

T = TypeVar("T")


@dataclass(frozen=True)
class _Changes:
    """The options of ``update``; what is None stays as it is."""

    name: str | None
    description: str | None
    public: int | None
    readonly: int | None
    listable: int | None
    password: str | None
    owner: str | None


class _Where(TypedDict):
    """The keywords that all services of a conversation take."""

    conversation: Conversation
    now: datetime


class Command(OperatorCommand):
    """``manage.py talk_conversation create|update|delete|show|list``."""

    help = _(
        "Create, change, delete and show conversations. A change is made as a whole or not at all, "
        "even if Ctrl-C stops it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for name, text in {
            "create": _("create a group or public conversation"),
            "update": _("change what the options say and nothing else"),
            "delete": _("delete one with its attendees; the history of its calls stays"),
            "show": _("show one with its attendees and last calls"),
            "list": _("list all, those with the latest activity first"),
        }.items():
            own = subparsers.add_parser(name, help=text, description=f"{capfirst(text)}.")
            getattr(self, f"_{name}_arguments")(own)
            super().add_arguments(own)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        match action:
            case "create":
                self._create(options)
            case "update":
                changes = _Changes(**{each.name: options[each.name] for each in fields(_Changes)})
                self._update(options["token"], changes)
            case "delete":
                self._delete(options["token"], is_confirmed=options["yes"])
            case "show":
                self._show(options["token"], options["limit"])
            case "list":
                self._list(options["limit"])

    def _create_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help=_("its name, of at most 255 characters"))
        parser.add_argument("--description", default="", help=_DESCRIPTION)
        add_people_arguments(parser)
        parser.add_argument(
            "--public", action="store_true", help=_("everybody with the link may join")
        )
        parser.add_argument(
            "--readonly", action="store_true", help=_("locked: nobody can call there")
        )
        parser.add_argument(
            "--listable", type=int, choices=Listable.values, default=0, help=_LISTABLE
        )
        parser.add_argument("--password", help=_PASSWORD)
        parser.add_argument(
            "--owner", metavar="USER", help=_("who owns it; need not be named as --user too")
        )
        parser.add_argument(
            "--moderator",
            action="append",
            default=[],
            metavar="USER",
            help=_("who moderates it; may be repeated, and need not be named as --user too"),
        )
        add_reason_argument(parser)

    def _update_arguments(self, parser: ArgumentParser) -> None:
        _add_token(parser)
        parser.add_argument("--name", help=_("its new name, of at most 255 characters"))
        parser.add_argument("--description", help=_DESCRIPTION)
        parser.add_argument(
            "--public",
            type=int,
            choices=(0, 1),
            help=_("1: everybody with the link may join; 0: nobody else, and guests leave"),
        )
        parser.add_argument(
            "--readonly",
            type=int,
            choices=ReadOnly.values,
            help=_("1: locked, so that a call ends and nobody can call there; 0: unlocked"),
        )
        parser.add_argument("--listable", type=int, choices=Listable.values, help=_LISTABLE)
        parser.add_argument("--password", help=_("the same as of create; '' removes it"))
        parser.add_argument(
            "--owner", metavar="USER", help=_("the attendee who owns it from now on; '' for nobody")
        )
        add_reason_argument(parser)

    def _delete_arguments(self, parser: ArgumentParser) -> None:
        _add_token(parser)
        parser.add_argument("--yes", action="store_true", help=_("do not ask for confirmation"))
        add_reason_argument(parser)

    def _show_arguments(self, parser: ArgumentParser) -> None:
        _add_token(parser)
        add_limit_argument(parser, _("how many attendees to show at most"))

    def _list_arguments(self, parser: ArgumentParser) -> None:
        add_limit_argument(parser, _("how many conversations to list at most"))

    def _create(self, options: dict[str, Any]) -> None:
        name = _checked_name(options["name"])
        _check_description(options["description"])
        owner = get_user(options["owner"]) if options["owner"] else None
        moderators = get_users(options["moderator"])
        people = get_people(options["user"], options["group"])
        settings = ConversationOptions(
            description=options["description"],
            password=resolve_password(options["password"]) or "",
            read_only=ReadOnly(options["readonly"]),
            listable=Listable(options["listable"]),
        )
        kind = ConversationType.PUBLIC if options["public"] else ConversationType.GROUP

        def create() -> Conversation:
            made = creation.create(kind=kind, name=name, owner=owner, options=settings)
            steps = [*_steps_to_add_moderators(made, moderators), *steps_to_add(made, people)]
            run_steps(steps, Progress(self.stderr))
            return made

        conversation = all_or_nothing(create)
        lines = [
            self.style.SUCCESS(str(_("The conversation was created."))),
            _("Its token is {token}.").format(token=conversation.token),
        ]
        if address := conversation.get_absolute_url():
            lines.append(_("Its page is {address}.").format(address=address))
        self.answer(display.facts(conversation, clock.now()), lines)

    def _update(self, token: str, changes: _Changes) -> None:
        conversation = get_group_conversation(token)
        if changes.name is not None:
            _checked_name(changes.name)
        _check_description(changes.description or "")
        changes = replace(changes, password=resolve_password(changes.password))
        steps = _steps_to_update(conversation, changes)
        if not steps:
            hint = _("talk_conversation update --help has the options.")
            raise failure(_("Nothing to change."), hint)
        all_or_nothing(partial(run_steps, steps))
        facts = display.facts(conversation, clock.now())
        self.answer(facts, [self.style.SUCCESS(str(_("The conversation was changed.")))])

    def _delete(self, token: str, *, is_confirmed: bool) -> None:
        conversation = get_group_conversation(token)
        if not is_confirmed:
            question = _("Delete '{name}' (attendees: {count})? [y/N] ")
            count = conversation.attendees.count()
            ask_before(question.format(name=conversation, count=count), self.stderr)
        conversations.delete(conversation=conversation, now=clock.now())
        facts = {"token": token, "deleted": True}
        self.answer(facts, [self.style.SUCCESS(str(_("The conversation was deleted.")))])

    def _show(self, token: str, limit: int) -> None:
        facts = display.facts(get_conversation(token), clock.now(), limit)
        self.answer(facts, display.lines(facts))

    def _list(self, limit: int) -> None:
        now = clock.now()
        rows = reports.with_overview(Conversation.objects.order_by("-last_activity_at", "-pk"), now)
        found = limited(rows, limit)
        facts = [display.summary(row, now) for row in found.rows]
        lines = [*display.list_lines(facts), *found.lines]
        self.answer({"list": facts, "more": found.more}, lines)


_DESCRIPTION = _("what it is about, in at most 2,000 characters")
_LISTABLE = _("who finds it uninvited: 0 nobody, 1 users, 2 everybody with an account")
_PASSWORD = _("what newcomers enter; - asks for it or reads a line, so that no shell stores it")


def _add_token(parser: ArgumentParser) -> None:
    parser.add_argument("token", help=_("the token of the conversation, as in its link"))


def _checked_name(name: str) -> str:
    try:
        return names.checked(name)
    except InvalidValue as refusal:
        raise failure(_("The conversation cannot have this name."), refusal.message) from refusal


def _check_description(description: str) -> None:
    try:
        checked_description(description)
    except InvalidValue as refusal:
        message = _("The conversation cannot have this description.")
        raise failure(message, refusal.message) from refusal


def _steps_to_add_moderators(conversation: Conversation, users: list[HostUser]) -> list[Step]:
    """Return the steps that add users as moderators."""
    role = ParticipantType.MODERATOR
    add = partial(participants.add_user, conversation=conversation, participant_type=role)
    return [Step(partial(add, user=user)) for user in users]


def _steps_to_update(conversation: Conversation, new: _Changes) -> list[Step]:
    """Return a step for each option that was given.

    ``public`` comes first, because only public conversations have a password.
    """
    where: _Where = {"conversation": conversation, "now": clock.now()}
    return [
        *_step(new.public, lambda to: conversations.set_public(public=bool(to), **where)),
        *_step(new.password, lambda to: conversations.set_password(password=to, **where)),
        *_step(new.name, lambda to: conversations.rename(name=to, **where)),
        *_step(new.description, lambda to: conversations.describe(description=to, **where)),
        *_step(new.listable, lambda to: conversations.set_listable(scope=Listable(to), **where)),
        *_step(new.owner, lambda to: _set_owner(conversation, to)),
        *_step(new.readonly, lambda to: conversations.set_read_only(state=ReadOnly(to), **where)),
    ]


def _step(value: T | None, change: Callable[[T], object]) -> list[Step]:
    """Return the step that makes a change with ``value``; none if that is None."""
    return [] if value is None else [Step(partial(change, value))]


def _set_owner(conversation: Conversation, user_id: str) -> None:
    user = get_user(user_id) if user_id else None
    try:
        permissions.set_owner(conversation=conversation, user=user, now=clock.now())
    except NoSuchTarget as refusal:
        hint = _("Add them first: talk_attendee add {token} {user}")
        raise no_participant(
            user_id, hint.format(token=conversation.token, user=user_id)
        ) from refusal
