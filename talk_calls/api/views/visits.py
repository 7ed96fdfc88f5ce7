"""What the call page asks before and beside a call: ``/visit/{token}``, an extension of ours."""

from dataclasses import replace
from http import HTTPStatus

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import keeping, situations
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.visits import VISIT_SERIALIZERS
from talk_calls.api.views.base import VisibleConversationViewSet
from talk_calls.conf import conf
from talk_calls.exceptions import NoSuchConversation
from talk_calls.ocs.unchanged_sessions import prolong
from talk_calls.policies import Situation
from talk_calls.reports import visits
from talk_calls.services import banned, sessions


class VisitViewSet(VisibleConversationViewSet):
    """A conversation as a visitor of the call page sees it, and the visitor's other devices."""

    tag = "visits"
    detail_methods = {"get": "retrieve"}
    several_devices = True  # as in v4, with which the page comes in

    def get_object(self) -> Situation:
        """Look up the situation of anybody who may see the conversation, or is banned from it."""
        return self.get_visible(tells_bans=True)

    @Operation(
        "Say what a visitor may see of a conversation, and how the own session stands",
        rules=policies.NO_RULES,
        answers={HTTPStatus.OK: Data.VISIT},
        refusals=(NoSuchConversation,),
    )
    def retrieve(self, request: Request, token: str) -> Response:
        visit = visits.visit(self.situation)
        if self.situation.is_banned:
            note = banned.shown_note(self.actor, self.situation.conversation)
            visit = replace(visit, ban=note)
        if self.situation.session is None:
            end = situations.session_end(request, token, now=self.now)
            visit = replace(visit, session_end=end)
        response = self.done(self.shaped(VISIT_SERIALIZERS, visit))
        if self._keeps_login():
            prolong(request._request, response)
        return response

    @action(["delete"], detail=True, url_path="others", url_name="others")
    @Operation(
        "Close the other sessions of the own account in the conversation",
        rules=policies.TAKE_PART,
        users_only=True,
    )
    def close_others(self, request: Request, token: str) -> Response:
        situation = self.situation
        attendee = situation.require_attendee()
        sessions.close_others(attendee=attendee, session=situation.session, now=self.now)
        return self.done()

    def _keeps_login(self) -> bool:
        """Tell whether this keeps the login: with external signaling no polls do it."""
        session = self.situation.session
        if not conf.signaling.external or session is None:
            return False
        return keeping.is_due_by_cache(self.request, self.actor, session)
