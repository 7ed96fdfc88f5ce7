"""People whom an operator names on the command line, and what it says if they are unknown."""

import copy
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.management.base import failure
from talk_calls.management.deeds import Step, in_batches
from talk_calls.management.lookups import user_called
from talk_calls.models import Attendee, Conversation
from talk_calls.services import groups as services
from talk_calls.services import invitations, participants


@dataclass(frozen=True)
class People:
    """Users, and names of groups of the host that exist."""

    users: list[HostUser]
    groups: list[str]


def add_people_arguments(parser: ArgumentParser) -> None:
    """Take ``--user`` and ``--group``, each any number of times."""
    parser.add_argument("--user", action="append", default=[], metavar="USER", help="any number")
    parser.add_argument("--group", action="append", default=[], metavar="GROUP", help="any number")


def people_called(users: Iterable[str], groups: Iterable[str]) -> People:
    """Return whom these names mean; raises ``CommandError`` for a stranger."""
    names = list(dict.fromkeys(groups))
    for name in names:
        _group_called(name)
    return People(users_called(users), names)


def users_called(user_ids: Iterable[str]) -> list[HostUser]:
    """Return the users with these names, each once; raises ``CommandError`` for a stranger."""
    return [user_called(user_id) for user_id in dict.fromkeys(user_ids)]


def adding(conversation: Conversation, people: People) -> list[Step]:
    """Return the steps that add people."""
    where: dict[str, Any] = {"conversation": conversation, "now": clock.now()}
    users = in_batches(lambda batch: participants.add_users(users=batch, **where), people.users)
    groups = [Step(partial(services.add, group_id=name, **where)) for name in people.groups]
    return [*users, *groups]


def removing(conversation: Conversation, attendees: list[Attendee]) -> list[Step]:
    """Return the steps that remove attendees; a group goes with who came only with it."""
    where: dict[str, Any] = {"now": clock.now(), "performed_by": None}
    groups = [each for each in attendees if each.actor_type == ActorType.GROUPS]
    others = [each for each in attendees if each.actor_type != ActorType.GROUPS]
    expel = partial(invitations.expel_many, conversation=conversation, **where)
    return [
        *in_batches(lambda batch: expel(attendees=batch), others),
        *(Step(partial(_remove_group, each, where)) for each in groups),
    ]


def _remove_group(group: Attendee, where: dict[str, Any]) -> None:
    # A deleted row loses its key, and the transaction may have to be done again.
    services.remove(attendee=copy.copy(group), **where)


def attendees_called(
    conversation: Conversation, users: Iterable[str], groups: Iterable[str]
) -> list[Attendee]:
    """Return the attendees who are meant; raises ``CommandError`` for somebody who is none.

    A user whose account was closed may still be one, so the directory is not asked.
    """
    found = [_user_in(conversation, user_id) for user_id in dict.fromkeys(users)]
    return [*found, *(_group_in(conversation, name) for name in dict.fromkeys(groups))]


def _user_in(conversation: Conversation, user_id: str) -> Attendee:
    known_as = {f"user__{conf.directory.user_id_path()}": user_id}
    attendees = Attendee.objects.select_related("user", "conversation")
    found = attendees.filter(conversation=conversation, **known_as).first()
    if found is None:
        raise failure(f"User {user_id!r} is no participant.", _who_is_in(conversation))
    return found


def _group_in(conversation: Conversation, name: str) -> Attendee:
    group = _group_called(name)
    attendees = Attendee.objects.select_related("conversation")
    found = attendees.filter(
        conversation=conversation, actor_type=ActorType.GROUPS, actor_id=str(group.pk)
    ).first()
    if found is None:
        raise failure(f"Group {name!r} is no participant.", _who_is_in(conversation))
    return found


def _group_called(name: str) -> Any:
    group = conf.directory.find_group(name)
    if group is None:
        raise failure(f"Group {name!r} not found.", "Groups are those of the site's admin.")
    return group


def _who_is_in(conversation: Conversation) -> str:
    return f"talk_conversation show {conversation.token} lists who is."
