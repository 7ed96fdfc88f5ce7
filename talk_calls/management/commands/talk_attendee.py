"""Add people to a conversation, remove them, and say who moderates."""

from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from talk_calls.exceptions import TalkError
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, failure
from talk_calls.management.deeds import Step, all_or_nothing, group_called, take
from talk_calls.management.people import (
    add_people_arguments,
    adding,
    attendees_called,
    people_called,
    removing,
)
from talk_calls.management.progress import Progress
from talk_calls.management.tables import cell
from talk_calls.models import Attendee, Conversation
from talk_calls.services import permissions

_SAID = {
    "add": "Users successfully added to room.",
    "remove": "Users successfully removed from room.",
    "promote": "Participants successfully promoted to moderators.",
    "demote": "Participants successfully demoted to regular users.",
}

_SERVICES: dict[str, Callable[..., None]] = {
    "promote": permissions.promote,
    "demote": permissions.demote,
}


class Command(OperatorCommand):
    """``manage.py talk_attendee add TOKEN --user alice --group staff``."""

    help = (
        "Add users and groups to a conversation, remove them, promote or demote users. All of them "
        "or nobody: with one unknown name, or Ctrl-C, nothing is changed. Exits with 0 or 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, where and to whom."""
        parser.add_argument("deed", choices=list(_SAID))
        parser.add_argument("token", help="the conversation, as in its link")
        parser.add_argument("users", nargs="*", metavar="USER", help="the same as --user")
        add_people_arguments(parser)
        super().add_arguments(parser)

    def handle(self, *args: Any, deed: str, token: str, **options: Any) -> None:
        """Do it to everybody who is named, or to nobody."""
        conversation = group_called(token)
        users, groups = [*options["users"], *options["user"]], options["group"]
        if not users and not groups:
            raise failure("Nobody is named.", "Name people with --user and --group.")
        if deed in {"promote", "demote"} and groups:
            raise failure("A group cannot moderate.", "Name its members with --user.")
        if deed == "add":
            steps = adding(conversation, people_called(users, groups))
        else:
            attendees = attendees_called(conversation, users, groups)
            steps = (
                removing(conversation, attendees)
                if deed == "remove"
                else _changing_roles(deed, attendees, conversation)
            )
        all_or_nothing(partial(take, steps, Progress(self.stderr)))
        facts = {"token": token, "done": deed, "users": users, "groups": groups}
        self.answer(facts, [_SAID[deed]], options)


def _changing_roles(deed: str, attendees: list[Attendee], conversation: Conversation) -> list[Step]:
    def change(attendee: Attendee) -> None:
        try:
            _SERVICES[deed](attendee=attendee, performed_by=None, now=clock.now())
        except TalkError as refusal:
            hint = f"Nothing was changed. talk_conversation show {conversation.token} has more."
            raise failure(f"{cell(attendee)}: {refusal.message}", hint) from refusal

    return [Step(partial(change, attendee)) for attendee in attendees]
