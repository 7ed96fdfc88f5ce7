"""Signaling: where to signal; by this site: sending messages, polling for them (behaviour 8)."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.conf import settings as django_settings
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import keeping, situations
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.parameters import (
    PollParameters,
    SendMessagesParameters,
    SignalingSettingsParameters,
)
from talk_calls.api.serializers.sessions import serialize_end
from talk_calls.api.serializers.signaling import (
    ROSTER_VIEWS,
    SETTINGS_SERIALIZERS,
    Signaler,
    poll_items,
)
from talk_calls.api.views.base import ConversationViewSet, TalkViewSet
from talk_calls.conf import conf
from talk_calls.constants import RESERVED_TOKENS, TOKEN_PATTERN
from talk_calls.exceptions import MailboxFull, NoSuchConversation
from talk_calls.host import browser_sessions, clock
from talk_calls.host.paths import path_of
from talk_calls.hpb.servers import server_for_client
from talk_calls.models import Session
from talk_calls.ocs.envelope import Failure
from talk_calls.ocs.failures import NOT_LOGGED_IN, OCSError
from talk_calls.ocs.unchanged_sessions import can_prolong, prolong
from talk_calls.policies import Situation
from talk_calls.services import sessions
from talk_calls.signaling import hub, mailbox
from talk_calls.signaling.poll import Answer, Outcome, Poll
from talk_calls.signaling.waiting import Wait, may_wait

#: The number of an answer that had anything new.
ANSWER_HEADER = "X-Talk-Calls-Answer"

#: What clients read where a signaling server has taken over (behaviour 8).
_DISABLED = "Internal signaling disabled."

#: The data of polls that end for good: a conversation that has nobody in it.
_NOBODY = poll_items(Answer(Outcome.ATTENDEE_GONE))

_REFUSALS = {
    Outcome.SESSION_GONE: Failure(HTTPStatus.CONFLICT, data=_NOBODY),
    Outcome.ATTENDEE_GONE: Failure(HTTPStatus.NOT_FOUND, data=_NOBODY),
    # Each further request of the account's devices gets that as well.
    Outcome.ACCOUNT_CLOSED: NOT_LOGGED_IN,
}


class SignalingSettingsViewSet(TalkViewSet):
    """``/signaling/settings``."""

    tag = "signaling"

    @action(["get"], detail=False, url_path="settings", url_name="settings")
    @Operation(
        "Say how to signal, and which servers help; a conversation need not be named",
        rules=policies.NO_RULES,
        form=SignalingSettingsParameters,
        answers={HTTPStatus.OK: Data.SIGNALING},
        refusals=(NoSuchConversation,),
        tells_ends=(HTTPStatus.NOT_FOUND,),
    )
    def retrieve(self, request: Request) -> Response:
        token = self.parameters["token"]
        try:
            may_relay = self._may_relay_here(token) if token else self._may_relay_anywhere()
        except NoSuchConversation:
            end = situations.session_end(request, token, now=self.now)
            if end is None:
                raise
            raise OCSError(Failure(HTTPStatus.NOT_FOUND, data=serialize_end(end))) from None
        signaler = Signaler(self.actor, may_relay=may_relay, now=self.now)
        if conf.signaling.external:
            signaler.server = server_for_client(token or "")
            signaler.site = request.build_absolute_uri(get_script_prefix())
        return self.done(self.shaped(SETTINGS_SERIALIZERS, signaler))

    def _may_relay_here(self, token: str) -> bool:
        """Tell whether the caller may use relays for the calls of a conversation.

        A user need not belong to it: apps ask before they join.
        """
        situation = self._situation(token)
        is_known = self.actor.is_user or situation.attendee is not None
        return is_known and policies.first_refusal(policies.RELAY, situation) is None

    def _may_relay_anywhere(self) -> bool:
        """Tell the same for no certain conversation: not for a user who only waits, and no guest.

        A user who is online nowhere is about to join.
        """
        if self.actor.user is None or policies.calls_are_enabled():
            return False
        online = situations.of_devices(self.actor.user, now=self.now)
        return not online or any(
            policies.first_refusal(policies.RELAY, situation) is None for situation in online
        )

    def _situation(self, token: str) -> Situation:
        key = browser_sessions.key_for(token, self.request.headers)
        stored = browser_sessions.get(self.request.session, self.actor, key)
        return situations.of_visitor(token, self.actor, session_pk=stored, stays=True, now=self.now)


class SignalingViewSet(ConversationViewSet):
    """``/signaling/{token}``: a mailbox for each session."""

    tag = "signaling"
    lookup_value_regex = rf"(?!(?:{'|'.join(sorted(RESERVED_TOKENS))})\Z){TOKEN_PATTERN}"
    detail_methods = {"get": "pull", "post": "send"}
    several_devices = True  # whichever version a session came in by, it is one device
    keeps_login = False

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a view whose answers may come later."""
        return may_wait(super().as_view(*args, **kwargs))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse everything, before anything is looked up, where signaling is external."""
        super().initial(request, *args, **kwargs)
        if conf.signaling.external:
            raise OCSError(Failure(HTTPStatus.BAD_REQUEST, data=_DISABLED))

    @Operation(
        "Send messages to other sessions here; failures are not reported",
        rules=policies.NO_RULES,
        form=SendMessagesParameters,
        refusals=(MailboxFull,),
        texts={HTTPStatus.BAD_REQUEST: _DISABLED},
    )
    def send(self, request: Request, token: str) -> Response:
        messages = self.parameters["messages"]
        try:
            situation = self.situation
        except NoSuchConversation:
            return self.done()
        session = situation.session
        if session is not None:
            own = [message["fn"] for message in messages if message["by"] == session.session_id]
            mailbox.send(situation, own)
        return self.done()

    @Operation(
        "Wait for messages and changes, and tell who is in the conversation",
        rules=policies.NO_RULES,
        form=PollParameters,
        answers={HTTPStatus.OK: Data.NEWS},
        endings={
            HTTPStatus.NOT_FOUND: "The caller is not online in the conversation, or it is gone.",
            HTTPStatus.CONFLICT: "While waiting, the session went; its attendee may join anew.",
        },
        texts={HTTPStatus.BAD_REQUEST: _DISABLED},
        tells_ends=(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    )
    def pull(self, request: Request, token: str) -> HttpResponseBase:
        acknowledged = self.parameters["acknowledged"]
        session = self._polling_session()
        if acknowledged is None:
            acknowledged = self._acknowledged_by_cookie(session)
        poll = Poll.start(
            session,
            user=self.actor.user.pk if self.actor.user else None,
            acknowledged=acknowledged,
            view=ROSTER_VIEWS[self.version],
        )
        if self.keeps_login and not can_prolong(request.session):
            poll.deadline = self.now  # the session is written, so it must be as it is now
        response: HttpResponseBase | None = None
        try:
            answer = poll.check(self.now)
            response = self._answer(session, answer) if answer else self._waiting(session, poll)
            return response
        finally:
            if getattr(response, "waiting", None) is None:
                hub.remove(poll.waiter)

    def _polling_session(self) -> Session:
        """Return the session that asks, which is a ping."""
        try:
            session = self.situation.session
        except NoSuchConversation:
            session = None
        if session is None:
            raise self._refusal(Outcome.ATTENDEE_GONE)
        before = session.last_ping
        if sessions.ping([session], now=self.now):
            session.last_ping = self.now
            self.keeps_login = keeping.is_due(self.request, self.actor, session, since=before)
        return session

    def _waiting(self, session: Session, poll: Poll) -> Response:
        def check() -> HttpResponseBase | None:
            try:
                answer = poll.check(clock.now())
                if answer is None:
                    return None
                response: Any = self._answer(session, answer)
            except Exception as error:  # noqa: BLE001 -- as DRF's dispatch, which is over by now
                response = self.handle_exception(error)
            finished: Any = self.finalize_response(self.request, response, **self.kwargs)
            return finished.render() if hasattr(finished, "render") else finished  # type: ignore[no-any-return]

        placeholder = self.done()
        placeholder.waiting = Wait(poll.waiter, check, poll.remaining)  # type: ignore[attr-defined]
        return placeholder

    def _answer(self, session: Session, answer: Answer) -> Response:
        if answer.outcome is not Outcome.ANSWERED:
            raise self._refusal(answer.outcome)
        response = self.done(poll_items(answer))
        if self.keeps_login:
            prolong(self.request._request, response)
        if answer.number is not None:
            response[ANSWER_HEADER] = str(answer.number)
            response.set_cookie(
                self._cookie,
                f"{session.pk}.{answer.number}",
                path=path_of(self.request),
                httponly=True,
                samesite=django_settings.SESSION_COOKIE_SAMESITE,  # it goes where that one goes
                secure=django_settings.SESSION_COOKIE_SECURE,
            )
        return response

    def _refusal(self, outcome: Outcome) -> OCSError:
        """Return the failure of a poll, which tells a window that names itself the reason.

        For others its data is the list of a conversation that has nobody in it.
        """
        failure = _REFUSALS[outcome]
        end = situations.session_end(self.request, self.token, now=clock.now())
        return OCSError(replace(failure, data=serialize_end(end)) if end else failure)

    @property
    def _cookie(self) -> str:
        return f"talk_calls_{self.token}"

    def _acknowledged_by_cookie(self, session: Session) -> int | None:
        """Return the number of the last answer by its cookie; None if the client keeps none."""
        cookies = self.request.COOKIES
        owner, _, number = cookies.get(self._cookie, "").partition(".")
        if owner == str(session.pk) and number.isascii() and number.isdigit():
            return int(number[:9])
        return 0 if django_settings.SESSION_COOKIE_NAME in cookies else None
