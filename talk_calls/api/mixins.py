"""For DRF views of hosts below a conversation, such as its minutes."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from talk_calls.api import situations
from talk_calls.api.errors import STATUSES
from talk_calls.exceptions import TalkError
from talk_calls.host.actors import Actor
from talk_calls.policies import Situation

if TYPE_CHECKING:
    _View = APIView
else:
    _View = object


class ConversationMixin(_View):
    """Looks up the situation of a request, and asks ``permission_classes`` about it.

    Stands before DRF's view class. The conversation is the one whose token is in the path, as the
    argument that ``token_url_kwarg`` names. Whoever does not belong to it is answered 404. The view
    goes on authenticating, and answering refusals, in its own way: a refusal of this app becomes a
    DRF ``APIException`` with status, sentence and code.
    """

    token_url_kwarg = "token"

    @cached_property
    def actor(self) -> Actor:
        """Return who asks: a user, or a guest."""
        return situations.actor_of(self.request)

    @cached_property
    def situation(self) -> Situation:
        """Return conversation, attendee and acting session of the request; one query."""
        return situations.of_request(self.request, str(self.kwargs[self.token_url_kwarg]))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask the permission classes about the request, and then about the situation."""
        super().initial(request, *args, **kwargs)
        if not self.actor.is_user:
            # A cookie is all that a guest has, and DRF protects only those of users.
            SessionAuthentication().enforce_csrf(request)
        self.check_object_permissions(request, self.situation)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal of this app as the host answers an ``APIException``."""
        if isinstance(exc, TalkError):
            exc = _as_api_exception(exc)
        return super().handle_exception(exc)


def _as_api_exception(error: TalkError) -> APIException:
    exception = APIException(str(error.message), error.code)
    exception.status_code = STATUSES[type(error)]
    return exception
