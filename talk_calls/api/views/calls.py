"""The call of a conversation: who is connected, joining, leaving (behaviour 4 and 5)."""

from dataclasses import replace
from functools import cached_property
from http import HTTPStatus

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import context
from talk_calls.api.permissions import (
    CallsAreEnabled,
    ConversationIsWritable,
    HasSession,
    IsModerator,
    IsParticipant,
    IsUser,
    LobbyIsOpenOrModerator,
)
from talk_calls.api.serializers.calls import PEER_SERIALIZERS
from talk_calls.api.serializers.downloads import participants_csv
from talk_calls.api.serializers.parameters import (
    ChangeFlagsParameters,
    DownloadParameters,
    JoinCallParameters,
    JoinCallParametersV4,
    LeaveCallParametersV4,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.exceptions import NoCall, NoSuchConversation
from talk_calls.models.calls import has_joined_open_call, people_of_open_call
from talk_calls.models.sessions import call_peers
from talk_calls.ocs.renderers import CSVRenderer
from talk_calls.ocs.views import OCSView
from talk_calls.reports.downloads import attachment, file_name
from talk_calls.services import calls, creation


class CallViewSet(ConversationViewSet):
    """``/call/{token}`` of v1, v2 and v3."""

    permissions = {
        "list": (CallsAreEnabled, IsParticipant, ConversationIsWritable, LobbyIsOpenOrModerator),
        "join": (CallsAreEnabled, IsParticipant, ConversationIsWritable, LobbyIsOpenOrModerator),
        "leave": (IsParticipant, ConversationIsWritable, LobbyIsOpenOrModerator, HasSession),
    }
    #: What a join may say.
    join_form = JoinCallParameters

    def list(self, request: Request, token: str) -> Response:
        """List who is connected, newest ping first; being a participant is enough."""
        peers = call_peers(self.context.conversation, self.now)
        return self.done(self.shaped(PEER_SERIALIZERS, peers, many=True))

    def join(self, request: Request, token: str) -> Response:
        """Join the call, or change the flags of who is in it.

        A one-to-one gets its missing half back even if the caller turns out to have no session.
        """
        values = self.parameters(self.join_form)
        # Whoever sends no flags leaves, which takes nobody's consent.
        consents = values.get("consents", False) or not values["flags"]
        situation = replace(self.context.situation, consents=consents)
        policies.enforce((policies.has_consent,), situation)
        creation.refill(conversation=self.context.conversation)
        calls.join(session=self.context.own_session(), now=self.now, **values)
        return self.done()

    def leave(self, request: Request, token: str) -> Response:
        """Leave the call and stay in the conversation."""
        calls.leave(session=self.context.own_session(), now=self.now)
        return self.done()


class CallViewSetV4(CallViewSet):
    """``/call/{token}`` of v4: flags change in place, moderators end it, nobody is kept in."""

    permissions = {
        **CallViewSet.permissions,
        "leave": (IsParticipant, HasSession),
        "change_flags": (IsParticipant, HasSession),
        "ring": (CallsAreEnabled, IsParticipant, HasSession),
    }
    join_form = JoinCallParametersV4

    def leave(self, request: Request, token: str) -> Response:
        """Leave the call, or as a moderator end it for everybody."""
        session = self.context.own_session()
        if self.parameters(LeaveCallParametersV4)["all"]:
            calls.end_for_all(session=session, now=self.now)
        else:
            calls.leave(session=session, now=self.now, rules=policies.LEAVE_CALL_V4)
        return self.done()

    def change_flags(self, request: Request, token: str) -> Response:
        """Change the flags of who is in the call."""
        flags = self.parameters(ChangeFlagsParameters)["flags"]
        calls.change_flags(session=self.context.own_session(), flags=flags, now=self.now)
        return self.done()

    def ring(self, request: Request, token: str, attendee_id: str) -> Response:
        """Tell a user that they are wanted in the call."""
        calls.ring(session=self.context.own_session(), attendee_id=int(attendee_id), now=self.now)
        return self.done()


class CallStateViewSet(ConversationViewSet):
    """What a device that rings wants to know about the call."""

    permissions = {"notification": (IsUser, IsParticipant)}

    @cached_property
    def context(self) -> context.Context:
        """Return where the request acts, with its call."""
        return self.visible()

    def notification(self, request: Request, token: str) -> Response:
        """Tell a device to keep ringing (200), to show a missed call (201) or nothing (404)."""
        if not self.context.has_call:
            return self.done(status=HTTPStatus.CREATED)
        waits = policies.is_past_lobby(self.context.situation) is not None
        if waits or has_joined_open_call(self.context.participant()):
            raise NoSuchConversation
        return self.done()


class CallDownloadViewSet(ConversationViewSet):
    """Who takes or took part in the running call, as a file."""

    permissions = {"download": (IsParticipant, IsModerator)}
    renderer_classes = [*OCSView.renderer_classes, CSVRenderer]
    needs_header = False  # a browser follows a link to it, and it changes nothing

    @cached_property
    def context(self) -> context.Context:
        """Return where the request acts, with its call."""
        return self.visible()

    def download(self, request: Request, token: str) -> HttpResponseBase:
        """Return a CSV file; without a call there is none."""
        self.parameters(DownloadParameters)
        if not self.context.has_call:
            raise NoCall
        people = people_of_open_call(self.context.conversation)
        name = file_name(str(self.context.conversation), self.now, "csv")
        return attachment(participants_csv(people), "text/csv", name=name)
