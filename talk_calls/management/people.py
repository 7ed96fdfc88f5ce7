"""People and groups that an operator names on the command line."""

import copy
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import Group
from django.core.management.base import CommandError

from talk_calls.constants import ActorType
from talk_calls.host import accounts, clock, lookups
from talk_calls.host.actors import HostUser
from talk_calls.management.base import failure
from talk_calls.management.batches import Step, in_batches
from talk_calls.management.lookups import ambiguous, get_user
from talk_calls.management.texts import lazy as _
from talk_calls.models import Attendee, Conversation
from talk_calls.services import groups as services
from talk_calls.services import invitations, participants


@dataclass(frozen=True)
class People:
    """Users, and names of groups of the site that exist."""

    users: list[HostUser]
    groups: list[str]


def add_people_arguments(parser: ArgumentParser) -> None:
    """Add ``--user`` and ``--group``, which may be repeated."""
    for name, text in {
        "user": _("a user by user name, e-mail address or primary key; may be repeated"),
        "group": _("a group of the site by its name; may be repeated"),
    }.items():
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar=name.upper(), help=text
        )


def get_people(user_ids: Iterable[str], group_names: Iterable[str]) -> People:
    """Return the users and groups with these names; raises ``CommandError`` for an unknown one."""
    names = list(dict.fromkeys(group_names))
    for name in names:
        _get_group(name)
    return People(get_users(user_ids), names)


def get_users(user_ids: Iterable[str]) -> list[HostUser]:
    """Return the users with these ids, each once; raises ``CommandError`` for an unknown one."""
    return [get_user(user_id) for user_id in dict.fromkeys(user_ids)]


def steps_to_add(conversation: Conversation, people: People) -> list[Step]:
    """Return the steps that add people to a conversation."""
    now = clock.now()
    add_users = partial(participants.add_users, conversation=conversation, now=now)
    add_group = partial(services.add, conversation=conversation, now=now)
    return [
        *in_batches(lambda batch: add_users(users=batch), people.users),
        *(Step(partial(add_group, group_id=name)) for name in people.groups),
    ]


def steps_to_remove(conversation: Conversation, attendees: list[Attendee]) -> list[Step]:
    """Return the steps that remove attendees; with a group, those who came only with it."""
    now = clock.now()
    groups = [each for each in attendees if each.actor_type == ActorType.GROUPS]
    others = [each for each in attendees if each.actor_type != ActorType.GROUPS]
    expel = partial(invitations.expel_many, conversation=conversation, now=now, performed_by=None)

    def remove(group: Attendee) -> None:
        # The transaction may be repeated, and deleting an instance clears its primary key.
        services.remove(attendee=copy.copy(group), now=now, performed_by=None)

    return [
        *in_batches(lambda batch: expel(attendees=batch), others),
        *(Step(partial(remove, group)) for group in groups),
    ]


def get_attendees(
    conversation: Conversation, user_ids: Iterable[str], group_names: Iterable[str]
) -> list[Attendee]:
    """Return the attendees with these names; raises ``CommandError`` if one is no attendee.

    Users are looked up among the attendees, so that those with a closed account are found too.
    """
    users = [_get_user_attendee(conversation, user_id) for user_id in dict.fromkeys(user_ids)]
    groups = [_get_group_attendee(conversation, name) for name in dict.fromkeys(group_names)]
    return [*users, *groups]


def no_participant(name: str, hint: str) -> CommandError:
    """Return the error of a user who is no attendee."""
    return failure(_("User {name!r} is no participant.").format(name=name), hint)


def _get_user_attendee(conversation: Conversation, user_id: str) -> Attendee:
    attendees = Attendee.objects.select_related("user", "conversation")
    meant = accounts.condition(user_id, "user__")
    found = list(attendees.filter(meant, conversation=conversation).order_by("pk"))
    if not found:
        raise no_participant(user_id, _hint(conversation))
    if len(found) > 1:
        raise ambiguous(user_id, [attendee.user for attendee in found if attendee.user])
    return found[0]


def _get_group_attendee(conversation: Conversation, name: str) -> Attendee:
    group = _get_group(name)
    attendees = Attendee.objects.select_related("conversation")
    attendee = attendees.filter(
        conversation=conversation, actor_type=ActorType.GROUPS, actor_id=str(group.pk)
    ).first()
    if attendee is None:
        message = _("Group {name!r} is no participant.").format(name=name)
        raise failure(message, _hint(conversation))
    return attendee


def _get_group(name: str) -> Group:
    group: Group | None = lookups.find_group(name, viewer=None)
    if group is None:
        message = _("There is no group {name!r}.").format(name=name)
        raise failure(message, _("Groups are those of the site's admin."))
    return group


def _hint(conversation: Conversation) -> str:
    hint = _("talk_conversation show {token} lists the participants.")
    return hint.format(token=conversation.token)
