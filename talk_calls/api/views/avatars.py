"""Pictures of conversations, which clients with a dark page ask for by another path (clients 5)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from talk_calls import policies
from talk_calls.api.avatars import picture
from talk_calls.api.operations import Data, Operation
from talk_calls.api.views.base import VisibleConversationViewSet
from talk_calls.exceptions import NoSuchConversation

#: Seconds that a client keeps it; a conversation may get another name.
MAX_AGE = 3600


class AvatarViewSet(VisibleConversationViewSet):
    """``/room/{token}/avatar``, which only v1 has, for clients of all versions."""

    tag = "conversations"
    needs_header = False  # an image in a page, and it changes nothing

    @action(["get"], detail=True, url_path="avatar", url_name="avatar")
    @Operation(
        "Return an SVG picture, of the name as far as the caller may know it, else the token",
        rules=policies.NO_RULES,
        answers={HTTPStatus.OK: Data.PICTURE},
        refusals=(NoSuchConversation,),
    )
    def retrieve(self, request: Request, token: str) -> HttpResponse:
        return self._picture(token)

    @action(["get"], detail=True, url_path="avatar/dark", url_name="avatar-dark")
    @Operation(
        "Return the same picture, which suits a dark page as well",
        rules=policies.NO_RULES,
        answers={HTTPStatus.OK: Data.PICTURE},
        refusals=(NoSuchConversation,),
    )
    def retrieve_dark(self, request: Request, token: str) -> HttpResponse:
        return self._picture(token)

    def _picture(self, token: str) -> HttpResponse:
        conversation = self.situation.conversation
        name = conversation.name if self.situation.attendee else ""
        return picture(name or token, cache_control=f"private, max-age={MAX_AGE}")
