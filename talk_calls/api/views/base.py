"""What all endpoints of the app share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSetMixin

from talk_calls.api import context, errors
from talk_calls.api.authentication import TalkAuthentication
from talk_calls.api.permissions import MayUseTalk
from talk_calls.api.serializers.tables import ObjectSerializer
from talk_calls.api.versioning import SEVERAL_DEVICES, TalkVersioning
from talk_calls.host import browser_sessions, clock
from talk_calls.host.actors import GUEST, Actor, HostUser
from talk_calls.ocs.views import OCSView

#: What makes the objects of an answer, by API version.
Serializers = Mapping[str, ObjectSerializer[Any]]

#: The shape of the parameters by API version.
Forms = Mapping[str, type[Serializer[Any]]]


class TalkViewSet(ViewSetMixin, OCSView):
    """An endpoint group of the app.

    ``permissions`` names the rules of each action, in the order in which they are asked; an action
    that is missing there is refused by a KeyError and not open to all.
    """

    authentication_classes = [TalkAuthentication]
    versioning_class = TalkVersioning
    exception_handler = staticmethod(errors.exception_handler)
    permissions: ClassVar[dict[str, Sequence[type[BasePermission]]]] = {}

    def get_permissions(self) -> list[BasePermission]:
        """Return the rules of the action, after the one that is asked everywhere."""
        rules: list[type[BasePermission]] = [MayUseTalk, *self.permissions[self.action]]
        return [rule() for rule in rules]

    @cached_property
    def now(self) -> datetime:
        """Return the moment at which the whole request happens."""
        return clock.now()

    @cached_property
    def actor(self) -> Actor:
        """Return who asks."""
        user = self.request.user
        return Actor(user) if user.is_authenticated else GUEST

    @property
    def user(self) -> HostUser:
        """Return the logged-in user; only for actions that ``IsUser`` guards."""
        return cast(HostUser, self.request.user)

    @property
    def version(self) -> str:
        """Return the API version; empty if the request was refused before that was known."""
        return str(getattr(self.request, "version", None) or "")

    def parameters_of(self, forms: Forms) -> dict[str, Any]:
        """Return the request's parameters, read by the form of its version."""
        return self.parameters(forms[self.version])

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

    @property
    def several_devices(self) -> bool:
        """Tell whether people may be here on several devices at once."""
        return self.version in SEVERAL_DEVICES

    @property
    def token(self) -> str:
        """Return the conversation's token; the path is its only source."""
        return str(self.kwargs["token"])

    @property
    def place(self) -> str:
        """Return under which name the browser remembers its session here."""
        return browser_sessions.key_for(self.token, self.request.headers)

    @property
    def remembered(self) -> int | None:
        """Return the session that this browser remembers here; 0 if it has none, as far as known.

        Where people have several devices, one that keeps cookies never acts for another: only a
        client without any is taken for the newest device of its user.
        """
        known = browser_sessions.get(self.request.session, self.actor, self.place)
        if known is not None or not self.several_devices:
            return known
        return 0 if settings.SESSION_COOKIE_NAME in self.request.COOKIES else None

    @property
    def caller(self) -> context.Caller:
        """Return who asks about which conversation."""
        return context.Caller(self.actor, self.token, self.remembered, self.several_devices)

    def visible(self) -> context.Context:
        """Look up where the request acts as of now, also for outsiders who may see it."""
        return context.look_up_room(self.caller, now=self.now)

    @cached_property
    def context(self) -> context.Context:
        """Return where the request acts, for attendees only."""
        return context.look_up(self.caller, now=self.now)
