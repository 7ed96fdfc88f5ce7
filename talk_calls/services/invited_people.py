"""People with whom a conversation is created: users, groups and e-mail addresses."""

from collections.abc import Sequence
from dataclasses import dataclass

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.exceptions import NoSuchTarget
from talk_calls.host import clock, lookups
from talk_calls.models import Attendee, Conversation
from talk_calls.services import conversation_options, groups, invitations, participants


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom to invite; ``site`` is for the mails, as for ``invitations.invite_email``."""

    user_ids: Sequence[str] = ()
    group_ids: Sequence[str] = ()
    addresses: Sequence[str] = ()
    site: str = ""


NOBODY = Invited()


def add(invited: Invited, *, conversation: Conversation, performed_by: Attendee | None) -> None:
    """Add all of them to a new conversation, within the transaction that creates it.

    ``performed_by`` is the owner, about whom the site's policy is asked, or None for the site
    itself. The number of statements depends on how many groups there are, and on nothing else.
    Raises as ``invitations.invite_user``, ``groups.add`` and ``invitations.invite_emails`` do, but
    ``InvalidSetting`` for ``InvalidValue``; an error has to roll back the transaction.
    """
    if invited.user_ids:
        _add_users(invited.user_ids, conversation, performed_by)
    for group_id in invited.group_ids:
        groups.add(conversation=conversation, group_id=group_id, performed_by=performed_by)
    if invited.addresses:
        with conversation_options.named("participants"):
            invitations.invite_emails(
                conversation=conversation,
                addresses=invited.addresses,
                site=invited.site,
                performed_by=performed_by,
                now=clock.now(),
            )


def _add_users(
    user_ids: Sequence[str], conversation: Conversation, performed_by: Attendee | None
) -> None:
    """Add users by their ids; whoever invites is there already, and need not be left out."""
    by = participants.actor_of(performed_by)
    own_id = conf.directory.user_id(by.user) if by else None
    wanted = [each for each in user_ids if each != own_id]
    users = lookups.find_users(wanted, viewer=by.user if by else None)
    if len(users) < len(wanted):
        raise NoSuchTarget
    for user in users:
        policies.require(policies.may_invite_user(by, user, conversation))
    participants.add_users(
        conversation=conversation, users=users, bounded=by is not None, performed_by=performed_by
    )
