"""Add people to a conversation, remove, promote and demote them."""

from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from talk_calls.exceptions import TalkError
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, add_reason_argument, failure
from talk_calls.management.batches import Step, all_or_nothing, run_steps
from talk_calls.management.lookups import get_group_conversation
from talk_calls.management.people import (
    add_people_arguments,
    get_attendees,
    get_people,
    steps_to_add,
    steps_to_remove,
)
from talk_calls.management.progress import Progress
from talk_calls.management.tables import cell
from talk_calls.management.texts import lazy as _
from talk_calls.models import Attendee, Conversation
from talk_calls.services import permissions

_MESSAGES = {
    "add": _("They belong to the conversation now."),
    "remove": _("They were removed from the conversation."),
    "promote": _("They are moderators now."),
    "demote": _("They are no moderators any more."),
}

_SERVICES: dict[str, Callable[..., None]] = {
    "promote": permissions.promote,
    "demote": permissions.demote,
}


class Command(OperatorCommand):
    """``manage.py talk_attendee add TOKEN --user alice --group staff``."""

    help = _(
        "Add users and groups to a conversation, remove them, promote or demote users. All of them "
        "or none: after an unknown name or Ctrl-C, nothing is changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "action",
            choices=list(_MESSAGES),
            help=_("add or remove people, make users moderators (promote), or take that back"),
        )
        parser.add_argument("token", help=_("the token of the conversation, as in its link"))
        parser.add_argument("users", nargs="*", metavar="USER", help=_("the same as --user"))
        add_people_arguments(parser)
        add_reason_argument(parser)
        super().add_arguments(parser)

    def handle(self, *args: Any, action: str, token: str, **options: Any) -> None:
        conversation = get_group_conversation(token)
        users, groups = [*options["users"], *options["user"]], options["group"]
        if not users and not groups:
            raise failure(_("Nobody is named."), _("Name people with --user and --group."))
        if action in {"promote", "demote"} and groups:
            raise failure(_("A group cannot moderate."), _("Name its members with --user."))
        if action == "add":
            steps = steps_to_add(conversation, get_people(users, groups))
        else:
            attendees = get_attendees(conversation, users, groups)
            steps = (
                steps_to_remove(conversation, attendees)
                if action == "remove"
                else _steps_to_change_role(action, attendees, conversation)
            )
        all_or_nothing(partial(run_steps, steps, Progress(self.stderr)))
        facts = {"token": token, "done": action, "users": users, "groups": groups}
        self.answer(facts, [self.style.SUCCESS(str(_MESSAGES[action]))])


def _steps_to_change_role(
    action: str, attendees: list[Attendee], conversation: Conversation
) -> list[Step]:
    def change(attendee: Attendee) -> None:
        try:
            _SERVICES[action](attendee=attendee, performed_by=None, now=clock.now())
        except TalkError as refusal:
            hint = _("Nothing was changed. talk_conversation show {token} has more.")
            message = f"{cell(attendee)}: {refusal.message}"
            raise failure(message, hint.format(token=conversation.token)) from refusal

    return [Step(partial(change, attendee)) for attendee in attendees]
