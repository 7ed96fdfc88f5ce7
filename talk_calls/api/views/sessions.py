"""Being online in a conversation: ``/room/{token}/participants/active`` (talk-api.md 6.4, 6.5)."""

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.api import remembered
from talk_calls.api.serializers.parameters import JoinRoomParameters
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.api.views.rooms import room_data
from talk_calls.exceptions import NoSuchConversation
from talk_calls.services import sessions


class ActiveSessionViewSet(ConversationViewSet):
    """Joining and leaving the conversation itself."""

    permissions = {"join": (), "leave": ()}

    def join(self, request: Request, token: str) -> Response:
        """Open a session and return the conversation; a newcomer becomes an attendee."""
        values = self.parameters(JoinRoomParameters)
        found = self.visible()
        session = sessions.enter(
            conversation=found.conversation,
            actor=self.actor,
            attendee=found.attendee,
            password=values["password"] or "",
            force=values["force"],
            now=self.now,
        )
        if not self.actor.is_user:
            # Whoever planted a cookie before the guest got in must not get in with it.
            request.session.cycle_key()
        remembered.remember(request.session, self.actor, token, session.pk)
        return self.done(room_data(self, self.visible()))

    def leave(self, request: Request, token: str) -> Response:
        """Close the session; this always works, even where there is nothing to leave."""
        try:
            session = self.context.session
        except NoSuchConversation:
            session = None
        if session is not None:
            sessions.leave(session=session, now=self.now)
        remembered.forget(request.session, token)
        return self.done()
