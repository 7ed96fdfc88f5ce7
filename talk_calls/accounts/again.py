"""A page that asks users to log in again, before something that takes a fresh login."""

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from talk_calls.accounts.pages import HEADERS, Page
from talk_calls.conf import conf


class LogInAgainPage(Page):
    """Logs out and leads by way of ``LOGIN_URL`` to the address in ``next``.

    It is a page with a button, since a login page may send users who are logged in back at once,
    which then would go round in circles.
    """

    # No `form-action`: it also applies to redirects, and `LOGIN_URL` may lead to another site.
    headers = HEADERS | {
        "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
            "form-action 'self' nc:; ", ""
        )
    }

    def detour(self) -> HttpResponseBase | None:
        return (
            HttpResponseRedirect(self.next_path()) if conf.logins.is_fresh(self.request) else None
        )

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("again", next=self.next_path())

    def post(self, request: HttpRequest) -> HttpResponse:
        address = self.next_path()
        logout(request)
        return redirect_to_login(address, resolve_url(settings.LOGIN_URL))

    def next_path(self) -> str:
        """Return the address in ``next`` if it is of this site, else that of the app passwords."""
        values = self.request.POST if self.request.method == "POST" else self.request.GET
        address = values.get("next", "")
        is_own = url_has_allowed_host_and_scheme(
            address, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return address if is_own else reverse("talk_accounts:app-passwords")
