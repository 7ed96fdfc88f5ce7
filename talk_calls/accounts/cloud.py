"""OCS endpoints of the server itself, below ``cloud/`` and ``core/`` (clients 5)."""

from functools import cached_property
from typing import cast

from django.conf import settings
from django.utils.translation import get_language, to_locale
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import names
from talk_calls.api import capabilities
from talk_calls.api.authentication import SiteAuthentication
from talk_calls.api.permissions import IsUser
from talk_calls.conf import conf
from talk_calls.host.actors import GUEST, Actor, HostUser
from talk_calls.models import AppPassword
from talk_calls.models.audit import AuditSource
from talk_calls.ocs.json_types import JSONObject
from talk_calls.ocs.views import OCSView
from talk_calls.services import app_passwords, audit_context, participants


class AccountView(OCSView):
    """Base of the endpoints: authenticates the request."""

    authentication_classes = [SiteAuthentication]

    @cached_property
    def actor(self) -> Actor:
        """Return who sends the request."""
        return Actor(self.user) if self.request.user.is_authenticated else GUEST

    @property
    def user(self) -> HostUser:
        """Return the logged-in user; only for endpoints that ``IsUser`` guards."""
        return cast(HostUser, self.request.user)


class CapabilitiesView(AccountView):
    """``cloud/capabilities``: what the site can do; public, since apps need it before a login."""

    def get(self, request: Request) -> Response:
        return Response(capabilities.document(self.actor.user))


class UserView(AccountView):
    """``cloud/user``: the logged-in user."""

    permission_classes = [IsUser]

    def get(self, request: Request) -> Response:
        return Response(account_of(self.user))


class OwnAppPasswordView(AccountView):
    """``core/apppassword``: the app password that authenticates the request."""

    permission_classes = [IsUser]

    def delete(self, request: Request) -> Response:
        """Revoke it, as apps do when their user logs out; 403 for any other kind of login."""
        if not isinstance(request.auth, AppPassword):
            raise PermissionDenied("The request came with no app password.")
        with audit_context.acting_from(AuditSource.API):
            app_passwords.revoke(request.auth, performed_by=participants.operator(self.user))
        return Response([])


def account_of(user: HostUser) -> JSONObject:
    """Return what users read of their own account."""
    name = names.cut(conf.directory.display_name(user))
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "id": conf.directory.user_id(user),
        "enabled": True,
        "display-name": name,
        "displayname": name,
        "email": conf.directory.email(user),
        "groups": conf.directory.group_ids(user),
        "language": language,
        "locale": to_locale(language),
    }
