"""What users learn of others before they meet: finding them by a part of a name, and their names.

Whom somebody may find is the site's business: its directory with the viewer, and then its policy.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import names, policies
from talk_calls.accounts import search
from talk_calls.accounts.cloud import AccountView, account_of
from talk_calls.api import errors
from talk_calls.api.permissions import IsUser, MayUseTalk
from talk_calls.api.serializers.parameters import FindPeopleParameters
from talk_calls.api.throttling import rates
from talk_calls.conf import conf
from talk_calls.exceptions import NoSuchTarget, TalkNotAllowed
from talk_calls.host import lookups


class PeopleView(AccountView):
    """Base of the endpoints: only for users, and a refusal of the domain has its answer."""

    permission_classes = [IsUser]
    exception_handler = staticmethod(errors.exception_handler)
    version = ""  # of no version of the call API


class FindPeopleView(PeopleView):
    """``core/autocomplete/get``: users, groups and e-mail addresses to talk to (behaviour 14)."""

    permission_classes = [IsUser, MayUseTalk]

    def get(self, request: Request) -> Response:
        values = self.read(FindPeopleParameters)
        rates.count_search(self.user)
        return Response(search.results(self.user, **values))


class OtherUserView(PeopleView):
    """``cloud/users/{id}``: the own account, or the name of somebody whom one may find.

    Somebody hidden is answered as somebody unknown, by the same queries.
    """

    def get(self, request: Request, user_id: str) -> Response:
        if user_id == conf.directory.user_id(self.user):
            return Response(account_of(self.user))
        return Response(self._name_of(user_id))

    def _name_of(self, user_id: str) -> dict[str, Any]:
        if not conf.directory.may_use_talk(self.user):
            raise TalkNotAllowed
        rates.count_search(self.user)
        user = lookups.find_user(user_id, viewer=self.user)
        if user is None:
            raise NoSuchTarget
        policies.require(policies.may_see_user(self.actor, user))
        name = names.cut(conf.directory.display_name(user))
        return {"id": user_id, "display-name": name, "displayname": name}
