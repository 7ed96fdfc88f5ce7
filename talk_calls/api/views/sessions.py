"""Being online in a conversation: ``/room/{token}/participants/active`` (behaviour 6.4, 6.5)."""

from dataclasses import replace
from http import HTTPStatus

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import situations
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.parameters import JoinRoomParameters, SessionStateParameters
from talk_calls.api.throttling import guesses, rates
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.api.views.rooms import room_data
from talk_calls.exceptions import (
    Banned,
    ConversationFull,
    NoSuchConversation,
    ServerBusy,
    SessionConflict,
    WrongPassword,
)
from talk_calls.host import browser_sessions
from talk_calls.host.actors import Actor
from talk_calls.policies import Situation
from talk_calls.services import sessions


class ActiveSessionViewSet(ConversationViewSet):
    """Joining and leaving the conversation itself."""

    tag = "sessions"

    @action(["post"], detail=True, url_path="participants/active", url_name="active-session")
    @Operation(
        "Open a session and return the conversation; a newcomer becomes an attendee",
        rules=policies.NO_RULES,
        form=JoinRoomParameters,
        answers={HTTPStatus.OK: Data.ROOM},
        refusals=(
            NoSuchConversation,
            Banned,
            WrongPassword,
            SessionConflict,
            ConversationFull,
            ServerBusy,
        ),
    )
    def join(self, request: Request, token: str) -> Response:
        values = self.parameters
        situation = self.get_visible(tells_bans=True)
        policies.enforce(policies.ENTER, situation)
        # Whoever is in has entered it before, and does not guess.
        password = "" if situation.session else values["password"]
        if self._comes_as_guest(situation, password):
            rates.count_guest(request._request)
        with guesses.guessing_conversation(
            request._request, situation.conversation, situation.attendee, password
        ):
            actor = self._entering_actor()
            result = sessions.enter(
                conversation=situation.conversation,
                actor=actor,
                attendee=situation.attendee,
                password=password,
                force=values["force"],
                now=self.now,
                replaces=self.replaces(),
                session=situation.session,
                window=browser_sessions.window_of(token, request.headers),
            )
        if not actor.is_user:
            browser_sessions.store_guest_key(request.session, actor.browser)
        if not actor.is_user and self.browser_key == token:
            # A new cookie: somebody may have planted the old one, to get in with it as well. Not
            # for windows that name themselves: nobody else knows the name, and the other windows
            # of the browser would lose their cookie.
            request.session.cycle_key()
        browser_sessions.store(request.session, actor, self.browser_key, result.session.pk)
        newest = situation.conversation.newest_message
        joined = situations.after_joining(result, newest_message=newest, now=self.now)
        return self.done(room_data(self, joined))

    def _entering_actor(self) -> Actor:
        """Return who enters; a guest has a key of the browser, by which it can be banned."""
        if self.actor.is_user or self.actor.browser:
            return self.actor
        return replace(self.actor, browser=browser_sessions.new_guest_key())

    def _comes_as_guest(self, situation: Situation, password: str) -> bool:
        """Tell whether the request may make a new guest; without a password it is only asked."""
        if self.actor.is_user or situation.attendee is not None:
            return False
        return bool(password) or not policies.needs_password(situation.conversation, None)

    def replaces(self) -> int | None:
        """Return which session a new one replaces: any other of the attendee."""
        return None

    @join.mapping.delete
    @Operation(
        "Close the session; this always works, even where there is nothing to leave",
        rules=policies.NO_RULES,
    )
    def leave(self, request: Request, token: str) -> Response:
        try:
            session = self.situation.session
        except NoSuchConversation:
            session = None
        if session is not None:
            sessions.leave(session=session, now=self.now)
        browser_sessions.delete(request.session, self.browser_key)
        return self.done()


class ActiveSessionViewSetV4(ActiveSessionViewSet):
    """The same in v4, where people are online on several devices."""

    def replaces(self) -> int | None:
        """Return the session of this very browser; the other devices stay."""
        return self.stored_session or 0

    @action(["put"], detail=True, url_path="participants/state", url_name="session-state")
    @Operation(
        "Say whether somebody looks at the conversation here, and return it",
        rules=policies.SET_SESSION_STATE,
        form=SessionStateParameters,
        answers={HTTPStatus.OK: Data.ROOM},
    )
    def set_state(self, request: Request, token: str) -> Response:
        state = self.parameters["state"]
        sessions.set_state(session=self.situation.require_session(), state=state)
        return self.done(room_data(self, self.get_visible()))
