"""The call of a conversation: who is connected, joining, leaving (behaviour 4 and 5)."""

from http import HTTPStatus

from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.calls import PEER_SERIALIZERS
from talk_calls.api.serializers.downloads import participants_csv
from talk_calls.api.serializers.parameters import (
    ChangeFlagsParameters,
    DownloadParameters,
    JoinCallParameters,
    JoinCallParametersV4,
    LeaveCallParametersV4,
)
from talk_calls.api.views.base import ConversationViewSet, VisibleConversationViewSet
from talk_calls.exceptions import (
    MayNotStartCall,
    NoCall,
    NoSession,
    NoSuchConversation,
    NoSuchTarget,
    NotInCall,
    NotRingable,
)
from talk_calls.models.calls import newest_call, people_of
from talk_calls.models.finders import has_joined_open_call
from talk_calls.models.sessions import call_peers
from talk_calls.ocs.renderers import CSVRenderer
from talk_calls.ocs.views import OCSView
from talk_calls.reports.downloads import attachment, file_name
from talk_calls.services import calls, creation


class CallViewSet(ConversationViewSet):
    """``/call/{token}`` of v1, v2 and v3."""

    tag = "calls"
    detail_methods = {"get": "list", "post": "join", "delete": "leave"}
    join_forms = {
        "v1": JoinCallParameters,
        "v2": JoinCallParameters,
        "v3": JoinCallParameters,
        "v4": JoinCallParametersV4,
    }

    @Operation(
        "List who is connected, newest ping first; being a participant is enough",
        rules=policies.LIST_CALL,
        answers={HTTPStatus.OK: Data.PEERS},
    )
    def list(self, request: Request, token: str) -> Response:
        peers = call_peers(self.situation.conversation, self.now)
        return self.done(self.shaped(PEER_SERIALIZERS, peers, many=True))

    @Operation(
        "Join the call, or change the flags of who is in it",
        description=(
            "A one-to-one gets its missing half back even if the caller turns out to have no"
            " session."
        ),
        rules=policies.JOIN_CALL_BEFORE_REFILL,
        form=join_forms,
        refusals=(NoSession, MayNotStartCall),
    )
    def join(self, request: Request, token: str) -> Response:
        creation.refill(conversation=self.situation.conversation, by=self.actor)
        calls.join(session=self.situation.require_session(), now=self.now, **self.parameters)
        return self.done()

    @property
    def consents(self) -> bool:
        """Tell whether the request agrees to be recorded.

        A request without flags leaves the call, which needs no consent.
        """
        return bool(self.parameters.get("consents") or not self.parameters["flags"])

    @Operation("Leave the call and stay in the conversation", rules=policies.LEAVE_CALL)
    def leave(self, request: Request, token: str) -> Response:
        calls.leave(session=self.situation.require_session(), now=self.now)
        return self.done()


class CallViewSetV4(CallViewSet):
    """``/call/{token}`` of v4.

    Flags change in place, moderators end the call, and neither lock nor lobby prevent leaving.
    """

    detail_methods = {**CallViewSet.detail_methods, "put": "change_flags"}

    @Operation(
        "Leave the call, or as a moderator end it for everybody",
        rules=policies.LEAVE_CALL_V4,
        form=LeaveCallParametersV4,
    )
    def leave(self, request: Request, token: str) -> Response:
        session = self.situation.require_session()
        if self.parameters["all"]:
            calls.end_for_all(session=session, now=self.now)
        else:
            calls.leave(session=session, now=self.now, rules=policies.LEAVE_CALL_V4)
        return self.done()

    @Operation(
        "Change the flags of who is in the call",
        rules=policies.CHANGE_CALL_FLAGS,
        form=ChangeFlagsParameters,
        refusals=(NotInCall,),
    )
    def change_flags(self, request: Request, token: str) -> Response:
        flags = self.parameters["flags"]
        calls.change_flags(session=self.situation.require_session(), flags=flags, now=self.now)
        return self.done()

    @action(["post"], detail=True, url_path=r"ring/(?P<attendee_id>[0-9]{1,18})", url_name="ring")
    @Operation(
        "Tell a user that they are wanted in the call",
        rules=policies.RING,
        refusals=(MayNotStartCall, NoCall, NotRingable, NoSuchTarget),
    )
    def ring(self, request: Request, token: str, attendee_id: str) -> Response:
        calls.ring(
            session=self.situation.require_session(), attendee_id=int(attendee_id), now=self.now
        )
        return self.done()


class CallStateViewSet(VisibleConversationViewSet):
    """What a device that rings wants to know about the call."""

    tag = "calls"

    @action(["get"], detail=True, url_path="notification-state", url_name="notification-state")
    @Operation(
        "Tell a device to keep ringing (200), to show a missed call (201) or nothing (404)",
        rules=policies.TAKE_PART,
        users_only=True,
        answers={HTTPStatus.OK: Data.NOTHING, HTTPStatus.CREATED: Data.NOTHING},
    )
    def notification(self, request: Request, token: str) -> Response:
        if policies.is_past_lobby(self.situation):
            raise NoSuchConversation  # with a call and without one, as the lobby hides it
        if not self.situation.has_call:
            return self.done(status=HTTPStatus.CREATED)
        if has_joined_open_call(self.situation.require_attendee()):
            raise NoSuchConversation
        return self.done()


class CallDownloadViewSet(VisibleConversationViewSet):
    """Who takes part in the running call, or took part in the last one, as a file."""

    tag = "calls"
    renderer_classes = [*OCSView.renderer_classes, CSVRenderer]
    needs_header = False  # a browser follows a link to it, and it changes nothing

    @action(["get"], detail=True)
    @Operation(
        "Return a CSV file of the running call, or else of the last one; without one there is none",
        description="Guests who moderate get that of the running call only.",
        rules=policies.MODERATE,
        form=DownloadParameters,
        answers={HTTPStatus.OK: Data.FILE},
        headers=("Content-Disposition",),
        refusals=(NoCall,),
    )
    def download(self, request: Request, token: str) -> HttpResponseBase:
        kind = self.parameters["format"]
        conversation = self.situation.conversation
        is_user = policies.may_see_addresses(conversation, self.situation.require_attendee())
        call = newest_call(conversation) if self.situation.has_call or is_user else None
        if call is None:
            raise NoCall
        people = people_of(call)
        if not is_user:
            people = [{**person, "email": None} for person in people]
        name = file_name(conversation.title, call.started_at, kind)
        return attachment(participants_csv(people), "text/csv", name=name)
