"""The chat of a conversation: what happened in it, read-only; and what clients ask beside it."""

from http import HTTPStatus
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import get_language, override
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import situations
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.messages import MESSAGE_SERIALIZERS, Message
from talk_calls.api.serializers.parameters import ContextParameters, MessagesParameters
from talk_calls.api.serializers.rooms import ROOM_SERIALIZERS
from talk_calls.api.views.base import ConversationViewSet, VisibleConversationViewSet
from talk_calls.api.views.fixed_answers import FixedAnswer, with_fixed_answers
from talk_calls.api.views.rooms import room_data
from talk_calls.chat import history
from talk_calls.chat.poll import ChatPoll
from talk_calls.constants import InCallFlag
from talk_calls.host import clock
from talk_calls.models import SystemMessage
from talk_calls.policies import Situation
from talk_calls.services import sessions
from talk_calls.signaling import hub
from talk_calls.signaling.waiting import Wait, may_wait

#: The message to name as known with the next request.
GIVEN_HEADER = "X-Chat-Last-Given"

#: The newest message, since everybody has read everything.
READ_HEADER = "X-Chat-Last-Common-Read"

_NUMBER = "[0-9]{1,18}"
_MESSAGE = rf"(?P<message_id>{_NUMBER})"

_ROOM_OF_V4 = dict.fromkeys(ROOM_SERIALIZERS, ROOM_SERIALIZERS["v4"])


@with_fixed_answers(
    FixedAnswer("write", "post", "", "Write a message"),
    FixedAnswer("clear", "delete", "", "Delete all messages"),
    FixedAnswer("edit_message", "put", _MESSAGE, "Change a message"),
    FixedAnswer("delete_message", "delete", _MESSAGE, "Delete a message"),
    FixedAnswer("post_share", "post", "share", "Share an object"),
    FixedAnswer("list_share", "get", "share", "List what was shared", Data.NOTHING),
    FixedAnswer(
        "list_overview",
        "get",
        "share/overview",
        "List what was shared, by type",
        Data.NO_FIELDS,
    ),
    FixedAnswer("list_mentions", "get", "mentions", "Suggest whom to mention", Data.NOTHING),
    FixedAnswer("post_schedule", "post", "schedule", "Write a message for later"),
    FixedAnswer("list_schedule", "get", "schedule", "List messages for later", Data.NOTHING),
)
class ChatViewSet(VisibleConversationViewSet):
    """``/chat/{token}``: the messages, and waiting for new ones."""

    tag = "chat"
    several_devices = True  # whichever version a session came in by, it is one device
    detail_methods = {"get": "messages", "post": "write", "delete": "clear"}

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a view whose answers may come later."""
        return may_wait(super().as_view(*args, **kwargs))

    @Operation(
        "List messages, newest first; or wait for new ones, which come oldest first",
        rules=policies.READ_CHAT,
        form=MessagesParameters,
        answers={HTTPStatus.OK: Data.MESSAGES},
        headers=(GIVEN_HEADER, READ_HEADER),
        unchanged="There are no such messages; without a body.",
    )
    def messages(self, request: Request, token: str) -> HttpResponseBase:
        if self.parameters["waits"]:
            return self._wait_for_messages()
        values = self.parameters
        return self._answer(
            history.before(
                self.situation.conversation,
                values["message_id"],
                most=values["limit"],
                inclusive=values["inclusive"],
            )
        )

    @action(["get"], detail=True, url_path=f"{_MESSAGE}/context", url_name="context")
    @Operation(
        "List the messages around one, oldest first",
        rules=policies.READ_CHAT,
        form=ContextParameters,
        answers={HTTPStatus.OK: Data.MESSAGES},
        headers=(GIVEN_HEADER, READ_HEADER),
        unchanged="There are no such messages; without a body.",
    )
    def context(self, request: Request, token: str, message_id: str) -> Response:
        conversation, most = self.situation.conversation, self.parameters["limit"]
        return self._answer(history.around(conversation, int(message_id), most=most))

    @action(["post"], detail=True, url_path="read", url_name="read")
    @Operation(
        "Say that all is read, as it is anyway, and return the conversation",
        rules=policies.READ_CHAT,
        answers={HTTPStatus.OK: Data.ROOM_OF_V4},
        headers=(READ_HEADER,),
    )
    def mark_read(self, request: Request, token: str) -> Response:
        return self._room()

    @mark_read.mapping.delete
    @Operation(
        "Say that something is unread, which changes nothing, and return the conversation",
        rules=policies.READ_CHAT,
        answers={HTTPStatus.OK: Data.ROOM_OF_V4},
        headers=(READ_HEADER,),
    )
    def mark_unread(self, request: Request, token: str) -> Response:
        return self._room()

    def _room(self) -> Response:
        response = self.done(room_data(self, self.situation, _ROOM_OF_V4))
        newest = self.situation.conversation.newest_message
        response[READ_HEADER] = str(newest.pk if newest else 0)
        return response

    def _wait_for_messages(self) -> HttpResponseBase:
        self._ping()
        poll = self._start_poll()
        response: HttpResponseBase | None = None
        try:
            messages = poll.messages(self.situation)
            is_over = bool(messages) or poll.remaining() <= 0
            response = self._answer(messages) if is_over else self._waiting(poll)
            return response
        finally:
            if getattr(response, "waiting", None) is None:
                hub.remove(poll.waiter)

    def _ping(self) -> None:
        """Take the request for a sign of life, but of nobody who is in the call (3.4)."""
        session = self.situation.session
        if session is not None and session.in_call == InCallFlag.DISCONNECTED:
            sessions.ping([session], now=self.now)

    def _start_poll(self) -> ChatPoll:
        session_pk, values = self.stored_session, self.parameters

        def look_up() -> Situation:
            return situations.of_visitor(
                self.token, self.actor, session_pk=session_pk, stays=True, now=clock.now()
            )

        return ChatPoll.start(
            self.situation,
            look_up=look_up,
            keeps_session=bool(session_pk),
            message_id=values["message_id"],
            most=values["limit"],
            inclusive=values["inclusive"],
            seconds=values["timeout"],
        )

    def _waiting(self, poll: ChatPoll) -> Response:
        language = get_language()

        def check() -> HttpResponseBase | None:
            with override(language):  # of the reader: this runs in any thread
                try:
                    messages = poll.check()
                    if messages is None:
                        return None
                    response: Any = self._answer(messages)
                except Exception as error:  # noqa: BLE001 -- as DRF's dispatch, which is over by now
                    response = self.handle_exception(error)
                finished: Any = self.finalize_response(self.request, response, **self.kwargs)
                return finished.render() if hasattr(finished, "render") else finished  # type: ignore[no-any-return]

        placeholder = self.done()
        placeholder.waiting = Wait(poll.waiter, check, poll.remaining)  # type: ignore[attr-defined]
        return placeholder

    def _answer(self, messages: list[SystemMessage]) -> Response:
        """Return messages as they stand, or 304 if there are none."""
        if not messages:
            return Response([], status=HTTPStatus.NOT_MODIFIED)
        conversation, reader = self.situation.conversation, self.situation.require_attendee()
        rows = [Message(message, conversation.token, reader) for message in messages]
        response = self.done(self.shaped(MESSAGE_SERIALIZERS, rows, many=True))
        known = [conversation.newest_message] if conversation.newest_message else []
        response[GIVEN_HEADER] = str(messages[-1].pk)
        response[READ_HEADER] = str(max(message.pk for message in [*messages, *known]))
        return response


class BesideChatViewSet(ConversationViewSet):
    """Base of what only a chat with messages of people has."""

    tag = "chat"
    several_devices = True  # as for the chat


@with_fixed_answers(
    FixedAnswer("list_message", "get", _MESSAGE, "List reactions", Data.NO_FIELDS),
    FixedAnswer("post_message", "post", _MESSAGE, "React to a message"),
    FixedAnswer("delete_message", "delete", _MESSAGE, "Take back a reaction"),
)
class ReactionViewSet(BesideChatViewSet):
    """``/reaction/{token}/{messageId}``."""


@with_fixed_answers(
    FixedAnswer("begin", "post", "", "Begin a poll"),
    FixedAnswer("post_vote", "post", rf"(?P<poll_id>{_NUMBER})", "Vote in a poll"),
    FixedAnswer("delete_vote", "delete", rf"(?P<poll_id>{_NUMBER})", "End a poll"),
)
class PollViewSet(BesideChatViewSet):
    """``/poll/{token}``."""

    detail_methods = {"post": "begin"}


@with_fixed_answers(
    FixedAnswer("list", "get", "", "List bots", Data.NOTHING),
    FixedAnswer("post_bot", "post", rf"(?P<bot_id>{_NUMBER})", "Let a bot in"),
    FixedAnswer("delete_bot", "delete", rf"(?P<bot_id>{_NUMBER})", "Send a bot away"),
)
class BotViewSet(BesideChatViewSet):
    """``/bot/{token}``."""

    detail_methods = {"get": "list"}
