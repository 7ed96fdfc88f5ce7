"""What all endpoints of the app share."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from talk_calls.api import errors, situations
from talk_calls.api.authentication import SiteAuthentication
from talk_calls.api.operations import Operation, operation_of
from talk_calls.api.permissions import MayUseTalk, permission_classes_for
from talk_calls.api.serializers.tables import ObjectSerializer
from talk_calls.api.versioning import NAMED_ERRORS, SEVERAL_DEVICES, TalkVersioning
from talk_calls.conf import conf
from talk_calls.constants import TOKEN_PATTERN
from talk_calls.host import browser_sessions, clock
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models.audit import AuditSource
from talk_calls.ocs.views import OCSView
from talk_calls.policies import Situation
from talk_calls.services import audit_context

#: What makes the objects of an answer, by API version.
Serializers = Mapping[str, ObjectSerializer[Any]]


class TalkViewSet(ViewSetMixin, OCSView):
    """An endpoint group of the app; each action declares by ``@Operation`` what it asks and reads.

    An action without a declaration is refused by ``ImproperlyConfigured`` and not open to all.
    """

    authentication_classes = [SiteAuthentication]
    permission_classes = [MayUseTalk]
    versioning_class = TalkVersioning
    exception_handler = staticmethod(errors.exception_handler)
    #: The tag of the actions in the OpenAPI document.
    tag: ClassVar[str] = ""
    #: The actions at the address of the collection and at that of one object, by HTTP method.
    list_methods: ClassVar[Mapping[str, str]] = {}
    detail_methods: ClassVar[Mapping[str, str]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request; what it changes comes from the API."""
        with audit_context.acting_from(AuditSource.API):
            return super().dispatch(request, *args, **kwargs)

    @property
    def max_body(self) -> int:
        """Return how many bytes the body of a request may have, by the site's setting."""
        return conf.max_body

    @cached_property
    def operation(self) -> Operation:
        """Return what is declared on the action of the request."""
        return operation_of(type(self), self.action)

    def get_permissions(self) -> list[BasePermission]:
        """Return the permissions of all actions, and then those of the action."""
        everywhere = cast(list[BasePermission], super().get_permissions())
        operation = self.operation
        classes = permission_classes_for(operation.rules, users_only=operation.users_only)
        return [*everywhere, *(permission() for permission in classes)]

    @cached_property
    def now(self) -> datetime:
        """Return the moment at which the whole request happens."""
        return clock.now()

    @cached_property
    def actor(self) -> Actor:
        """Return who asks."""
        return situations.actor_of(self.request)

    @property
    def user(self) -> HostUser:
        """Return the logged-in user; only for actions that ``IsUser`` guards."""
        return cast(HostUser, self.request.user)

    @property
    def version(self) -> str:
        """Return the API version; empty if the request was refused before that was known."""
        return str(getattr(self.request, "version", None) or "")

    @property
    def names_errors(self) -> bool:
        """Tell whether a refusal says in ``data.error`` what it is about."""
        return self.operation.names_errors or self.version in NAMED_ERRORS

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters, read by the form of the action for the request's version.

        Raises DRF's ``ValidationError``, ``ParseError`` or ``UnsupportedMediaType``.
        """
        form = self.operation.form_of(self.version)
        if form is None:
            raise ImproperlyConfigured(f"{type(self).__name__}.{self.action} declares no form")
        return self.read(form)

    def shaped(self, serializers: Serializers, instance: Any, *, many: bool = False) -> Any:
        """Return ``instance``, or each of ``many``, as the request's version sends it."""
        serialize = serializers[self.version]
        return [serialize(each) for each in instance] if many else serialize(instance)

    @staticmethod
    def done(data: Any = (), status: int = HTTPStatus.OK) -> Response:
        """Return a success; nothing to say is an empty list (behaviour 2.5)."""
        return Response(list(data) if data == () else data, status=status)


class ConversationViewSet(TalkViewSet):
    """An endpoint group below a conversation's token."""

    lookup_url_kwarg = "token"
    lookup_value_regex = TOKEN_PATTERN

    @property
    def several_devices(self) -> bool:
        """Tell whether people may be here on several devices at once."""
        return self.version in SEVERAL_DEVICES

    @property
    def token(self) -> str:
        """Return the conversation's token; the path is its only source."""
        return str(self.kwargs["token"])

    @property
    def browser_key(self) -> str:
        """Return the key under which the browser session stores its talk session."""
        return browser_sessions.key_for(self.token, self.request.headers)

    @property
    def stored_session(self) -> int | None:
        """Return the talk session that the browser session has (``situations``)."""
        return situations.stored_session(
            self.request, self.actor, self.browser_key, several_devices=self.several_devices
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask the rules about the site, look up the conversation, and ask the rules about it."""
        super().initial(request, *args, **kwargs)
        if self.operation.rules:
            self.check_object_permissions(request, self.situation)

    def get_object(self) -> Situation:
        """Look up the situation of an attendee; raises ``NoSuchConversation`` for others."""
        return situations.of_attendee(
            self.token,
            self.actor,
            session_pk=self.stored_session,
            stays=self.several_devices,
            now=self.now,
        )

    def get_visible(self, *, tells_bans: bool = False) -> Situation:
        """Look up the situation as it is now, also for others who may see the conversation.

        With ``tells_bans`` that is also a user who is banned from it.
        """
        return situations.of_visitor(
            self.token,
            self.actor,
            session_pk=self.stored_session,
            stays=self.several_devices,
            tells_bans=tells_bans,
            now=self.now,
        )

    @cached_property
    def situation(self) -> Situation:
        """Return the situation of the request; the first use looks it up."""
        return self.get_object()


class VisibleConversationViewSet(ConversationViewSet):
    """An endpoint group for everybody who may see the conversation, which has its call."""

    def get_object(self) -> Situation:
        """Look up the situation of anybody who may see the conversation."""
        return self.get_visible()
