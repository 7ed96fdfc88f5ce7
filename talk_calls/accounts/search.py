"""Searching for whom to talk to, as ``core/autocomplete/get`` answers it.

What a search finds can be invited: the rules that an invitation asks are asked about each result.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from talk_calls import email_addresses, names, policies
from talk_calls.api import situations
from talk_calls.conf import conf
from talk_calls.constants import MOST_RESULTS, ActorType
from talk_calls.exceptions import InvalidValue, NoSuchConversation
from talk_calls.host import clock, lookups, user_model
from talk_calls.host.actors import Actor, HostUser
from talk_calls.host.directory import keeps_users_out
from talk_calls.models import Attendee, Conversation
from talk_calls.ocs.json_types import JSONObject
from talk_calls.policies import Situation
from talk_calls.services import invitations

#: Users and groups that are looked at for each that is wanted: the site's policy may refuse some.
_LOOKED_AT = 4

#: What clients call "no conversation yet".
_NEW = "new"

#: What clients show beside a result, by its source.
_ICONS = {"users": "icon-user", "groups": "icon-group", "emails": "icon-mail"}


def results(
    viewer: HostUser, *, term: str, token: str, sources: Collection[str], limit: int
) -> list[JSONObject]:
    """Return up to ``limit`` results, 50 at most, of each of "users", "groups" and "emails".

    Those who belong to the conversation ``token`` are left out, if ``viewer`` may list them; for
    everybody else the answer is as if there were no such conversation. It takes a few queries,
    however many users there are; how many more a directory or a policy of the site makes is bounded
    by ``limit``.
    """
    most = min(limit, MOST_RESULTS)
    search = _Search(viewer, term, _situation(token, viewer), most * _LOOKED_AT)
    found = {"users": search.users, "groups": search.groups, "emails": search.addresses}
    return [
        result
        for source, find in found.items()
        if source in sources
        for result in islice(find(), most)
    ]


def _situation(token: str, viewer: HostUser) -> Situation | None:
    """Return the situation in a conversation whose participants ``viewer`` may list, or None."""
    if token in {"", _NEW}:
        return None
    try:
        situation = situations.of_attendee(
            token, Actor(viewer), session_pk=None, stays=True, now=clock.now()
        )
    except NoSuchConversation:
        return None
    return None if policies.first_refusal(policies.LIST_PARTICIPANTS, situation) else situation


@dataclass(frozen=True, slots=True)
class _Search:
    """A search of ``viewer``, who looks at up to ``limit`` users and as many groups.

    ``situation`` is that in the conversation to which somebody is to be added, if there is one.
    """

    viewer: HostUser
    term: str
    situation: Situation | None
    limit: int

    @property
    def _conversation(self) -> Conversation | None:
        return None if self.situation is None else self.situation.conversation

    def users(self) -> Iterator[JSONObject]:
        """Yield the users; three queries."""
        directory, by = conf.directory, Actor(self.viewer)
        found = lookups.search_users(
            self.term, viewer=self.viewer, limit=self.limit, without=self._users_there()
        )
        for user in found:
            user_id = directory.user_id(user)
            if not self._may_show(user, user_id):
                continue
            if policies.may_invite_user(by, user, self._conversation) is None:
                yield _result("users", user_id, directory.display_name(user), unique=user_id)

    def _may_show(self, user: HostUser, user_id: str) -> bool:
        """Tell whether a user is a result at all: people who may use Talk.

        An id that is an e-mail address, as some user names are, is told to nobody who does not
        know it.
        """
        if user_id != self.term and user_model.has_address(user_id):
            return False
        return not keeps_users_out() or conf.directory.may_use_talk(user)

    def _users_there(self) -> Iterable[Any]:
        """Return the primary keys of those who belong to the conversation; at least the viewer."""
        if self._conversation is None:
            return [self.viewer.pk]
        members = Attendee.objects.filter(conversation=self._conversation, user__isnull=False)
        return members.values("user")

    def groups(self) -> Iterator[JSONObject]:
        """Yield the groups; three queries."""
        found = list(lookups.search_groups(self.term, viewer=self.viewer, limit=self.limit))
        there, by = self._groups_there(found), Actor(self.viewer)
        for group in found:
            if str(group.pk) in there:
                continue
            if policies.may_invite_group(by, group, self._conversation) is None:
                yield _result("groups", conf.directory.group_id(group), str(group))

    def _groups_there(self, groups: Collection[Any]) -> set[str]:
        """Return which of these groups belong to the conversation: primary keys as text."""
        if self._conversation is None or not groups:
            return set()
        attendees = self._conversation.attendees.filter(
            actor_type=ActorType.GROUPS, actor_id__in=[str(group.pk) for group in groups]
        )
        return set(attendees.values_list("actor_id", flat=True))

    def addresses(self) -> Iterator[JSONObject]:
        """Yield the e-mail address that the term is, if ``viewer`` may invite it.

        No account is looked up by it. That it was invited before is told to those who may see
        addresses; one query.
        """
        if not conf.call_page:
            return
        try:
            address = email_addresses.checked(self.term)
        except InvalidValue:
            return
        if self._may_invite(address) and not self._is_known_there(address):
            yield _result("emails", address, address)

    def _may_invite(self, address: str) -> bool:
        if self._conversation is None:
            # The hook is asked about a conversation, so whoever has one has to wait for it.
            return not policies.is_overridden("may_invite_email")
        refusal = policies.may_invite_email(Actor(self.viewer), address, self._conversation)
        return refusal is None

    def _is_known_there(self, address: str) -> bool:
        if self.situation is None:
            return False
        conversation, attendee = self.situation.conversation, self.situation.require_attendee()
        if not policies.may_see_addresses(conversation, attendee):
            return False
        return not invitations.new_addresses(conversation, address)


def _result(source: str, identity: str, name: str, *, unique: str = "") -> JSONObject:
    return {
        "id": identity,
        "label": names.cut(name),
        "icon": _ICONS[source],
        "source": source,
        "status": "",
        "subline": "",
        "shareWithDisplayNameUnique": unique,
    }
