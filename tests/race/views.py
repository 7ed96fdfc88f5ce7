"""Routes for services that the API has no route for, with its permissions and errors."""

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Operation
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.exceptions import NoSuchTarget
from talk_calls.host import clock
from talk_calls.models import Attendee
from talk_calls.services import conversations, participants, sessions


class RaceViewSet(ConversationViewSet):
    """``/race/{token}/…``."""

    versioning_class = None  # type: ignore[assignment] # these doors have no version

    @Operation("Ping", rules=policies.SET_SESSION_STATE)
    def ping(self, request: Request, token: str) -> Response:
        """Ping; return the key of the session, its time, and when it was stored at the latest."""
        session = self.situation.require_session()
        sessions.ping([session], now=self.now)
        stored = clock.now()
        return self.done(
            {"key": session.key, "at": self.now.isoformat(), "stored": stored.isoformat()}
        )

    @Operation("Remove an attendee", rules=policies.MODERATE, users_only=True)
    def kick(self, request: Request, token: str) -> Response:
        """Remove the attendee of a user, or of a session."""
        attendees = Attendee.objects.filter(conversation=self.situation.conversation)
        if username := request.query_params.get("user"):
            attendees = attendees.filter(user__username=username)
        else:
            attendees = attendees.filter(sessions__session_id=request.query_params.get("session"))
        attendee = attendees.first()
        if attendee is None:
            raise NoSuchTarget
        participants.remove(attendee=attendee, now=self.now, performed_by=self.situation.attendee)
        return self.done()

    @Operation("Delete the conversation", rules=policies.MODERATE, users_only=True)
    def remove(self, request: Request, token: str) -> Response:
        """Delete the conversation."""
        conversations.delete(
            conversation=self.situation.conversation,
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()
