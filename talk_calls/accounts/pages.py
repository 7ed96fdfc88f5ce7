"""The base of all pages: it requires a login and sets security headers."""

from typing import cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect

from talk_calls.host.actors import HostUser
from talk_calls.host.browser_sessions import drop_impossible
from talk_calls.models.audit import AuditSource
from talk_calls.ocs.unchanged_sessions import leave_unchanged
from talk_calls.services import audit_context

# `form-action` also applies to the redirect that answers a form; `nc:` is the scheme of the apps.
# `no-referrer` would be stricter, but browsers then send `Origin: null` with a form, which Django's
# CSRF check refuses.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' nc:; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


# Not every site installs the CSRF middleware, and these pages create passwords.
@method_decorator(csrf_protect, name="dispatch")
class Page(LoginRequiredMixin, View):
    """A page for logged-in users; others are redirected to ``LOGIN_URL`` and back."""

    http_method_names = ["get", "head", "post"]
    headers = HEADERS

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Refuse inactive accounts, and set the headers on every response."""
        drop_impossible(request)
        if request.user.is_authenticated and not request.user.is_active:
            raise PermissionDenied
        is_served = hasattr(self, str(request.method).lower()) and request.method != "OPTIONS"
        detour = self.detour() if request.user.is_authenticated and is_served else None
        with audit_context.acting_from(AuditSource.ACCOUNT):
            response = detour or super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        for name, value in self.headers.items():
            response[name] = value
        leave_unchanged(request, response)
        return response

    def detour(self) -> HttpResponseBase | None:
        """Return where the user has to go before the page is for them; by default nowhere."""
        return None

    @property
    def user(self) -> HostUser:
        """Return the logged-in user."""
        return cast(HostUser, self.request.user)

    def page(self, name: str, status: int = 200, **context: object) -> HttpResponse:
        """Return the page of the template ``talk_calls/accounts/{name}.html``."""
        return render(
            self.request, f"talk_calls/accounts/{name}.html", context=context, status=status
        )
