"""What all pages share: a login, and headers that keep other sites out."""

from typing import Any, cast

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

# `form-action` holds for the redirect that answers a form as well; `nc:` is the apps' own scheme.
# The referrer is kept from other sites only: without any, a browser sends `Origin: null` with a
# form, and Django's CSRF check refuses that.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' nc:; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


# Not every site has the middleware, and these pages hand out passwords.
@method_decorator(csrf_protect, name="dispatch")
class Page(LoginRequiredMixin, View):
    """A page for somebody who is logged in; others go to ``LOGIN_URL`` and come back."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse accounts that are switched off, and guard every answer."""
        if request.user.is_authenticated and not request.user.is_active:
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    @property
    def user(self) -> HostUser:
        """Return who is logged in."""
        return cast(HostUser, self.request.user)

    def page(self, name: str, status: int = 200, **context: Any) -> HttpResponse:
        """Return a template of the accounts' as a page."""
        return render(
            self.request, f"talk_calls/accounts/{name}.html", context=context, status=status
        )
