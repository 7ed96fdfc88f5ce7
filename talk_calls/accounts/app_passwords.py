"""Pages on which users see, make and revoke their own app passwords."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from talk_calls import names
from talk_calls.accounts.login import base_url
from talk_calls.accounts.pages import HEADERS, Page
from talk_calls.conf import conf
from talk_calls.exceptions import InvalidValue
from talk_calls.host.static_files import static_origins
from talk_calls.models import AppPassword
from talk_calls.models.app_passwords import NAME_MAX_LENGTH
from talk_calls.services import app_passwords, participants


class AppPasswordsPage(Page):
    """The list of the user's app passwords, newest first, and a form that makes one."""

    def detour(self) -> HttpResponseBase | None:
        """Ask for a fresh login before one is made, as before a login flow."""
        logins = conf.logins
        if self.request.method != "POST" or logins.is_fresh(self.request):
            return None
        return redirect(logins.fresh_login_url(self.request, self.request.path))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make an app password, and show it in the answer: it is stored nowhere."""
        name = request.POST.get("name", "")
        try:
            made, secret = app_passwords.create(user=self.user, name=name)
        except InvalidValue as error:
            return self.show(status=400, typed=name, problem=error.message)
        user_id = conf.directory.user_id(self.user)
        response = self.page(
            "new_app_password",
            client=made.client,
            secret=secret,
            server=base_url(request),
            login_name=names.cleaned(str(self.user.get_username() or user_id)),
        )
        self.headers = HEADERS | {"Content-Security-Policy": _policy_with_scripts()}
        return response

    def show(self, status: int = 200, **context: object) -> HttpResponse:
        """Return the page; ``typed`` is a name and ``problem`` why it was refused."""
        own = AppPassword.objects.filter(user=self.user).order_by("-created_at", "-pk")
        return self.page(
            "app_passwords",
            status=status,
            app_passwords=own,
            max_length=NAME_MAX_LENGTH,
            **context,
        )


class RevokePage(Page):
    """Asks before it revokes an app password of the user.

    It is 404 for any other, whether or not it exists.
    """

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page("revoke", app_password=self.own(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        app_passwords.revoke(self.own(pk), performed_by=participants.operator(self.user))
        return redirect("talk_accounts:app-passwords")

    def own(self, pk: int) -> AppPassword:
        """Return the user's app password; raises ``Http404``."""
        return get_object_or_404(AppPassword, pk=pk, user=self.user)


def _policy_with_scripts() -> str:
    """Return the policy of a page with a button that copies: it loads a script of the site."""
    own = " ".join(["'self'", *static_origins()])
    return f"{HEADERS['Content-Security-Policy']}; script-src {own}"
