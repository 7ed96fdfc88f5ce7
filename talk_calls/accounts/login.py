"""The two login flows by which an app gets an app password (clients 5).

In the newer flow (``/login/v2``) the app polls for the password while its user grants it in any
browser. In the older one (``/login/flow``) the app shows the page in a window of its own, and reads
the password from a redirect.
"""

from typing import ClassVar
from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from talk_calls import names
from talk_calls.accounts.pages import Page
from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.host.paths import path_of
from talk_calls.models.app_passwords import NAME_MAX_LENGTH
from talk_calls.models.audit import AuditSource
from talk_calls.models.client_names import recognisable
from talk_calls.ocs.unchanged_sessions import leaves_session_unchanged
from talk_calls.services import app_passwords, audit_context, login_flows, participants

#: The name of an app that sends no User-Agent.
NAMELESS = "Unnamed app"


def base_url(request: HttpRequest) -> str:
    """Return the site's address as apps store it: without a slash or index.php at its end."""
    status = request.build_absolute_uri(reverse("talk_accounts:status"))
    return status.removesuffix("/status.php")


def client_name(request: HttpRequest) -> str:
    """Return the app's User-Agent as a name, cut to the field's length."""
    agent = names.cleaned(request.headers.get("User-Agent", ""))
    return names.cleaned(agent[:NAME_MAX_LENGTH]) or NAMELESS


@login_not_required
@csrf_exempt
@require_POST
@leaves_session_unchanged
def start(request: HttpRequest) -> JsonResponse:
    """Start a login: return the token to poll with, and the address to open in a browser.

    Both addresses are below the requested one, with or without ``/index.php``. The view is exempt
    from CSRF checks because it reads no cookie.
    """
    tokens = login_flows.start(client_name=client_name(request), now=clock.now())
    here = request.build_absolute_uri(path_of(request))
    answer = {
        "poll": {"token": tokens.poll, "endpoint": f"{here}/poll"},
        "login": f"{here}/flow/{tokens.login}",
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@login_not_required
@csrf_exempt
@require_POST
@leaves_session_unchanged
def poll(request: HttpRequest) -> JsonResponse:
    """Return the app password, once; 404 and ``[]`` before it is granted or for a wrong token."""
    request.encoding = "utf-8"  # not the header's charset, which may name a codec such as base64
    poll_token = request.POST.get("token", "")
    with audit_context.acting_from(AuditSource.API):
        granted = login_flows.redeem(poll_token=poll_token, now=clock.now())
    headers = {"Cache-Control": "no-store"}
    if granted is None:
        return JsonResponse([], safe=False, status=404, headers=headers)
    user, secret = granted
    answer = {
        "server": base_url(request),
        "loginName": conf.directory.user_id(user),
        "appPassword": secret,
    }
    return JsonResponse(answer, headers=headers)


class ConsentPage(Page):
    """Asks the user whether an app may have an app password; that takes a fresh login."""

    #: The values of the two buttons of the page.
    GRANT: ClassVar[str] = "grant"
    DENY: ClassVar[str] = "deny"

    def detour(self) -> HttpResponseBase | None:
        logins = conf.logins
        if logins.is_fresh(self.request):
            return None
        return redirect(logins.fresh_login_url(self.request, self.request.get_full_path()))

    def ask(self, client: str) -> HttpResponse:
        """Return the page that asks, with the name of the app."""
        user = self.user
        email = conf.directory.email(user)
        account = user.get_username() or email or conf.directory.user_id(user)
        return self.page(
            "consent",
            client=recognisable(client),
            server=base_url(self.request),
            account=names.cleaned(str(account)),
            display_name=names.cut(conf.directory.display_name(user)),
        )

    def refusal(self) -> HttpResponse | None:
        """Return the response unless the user granted access; None if they did."""
        match self.request.POST.get("decision"):
            case self.GRANT:
                return None
            case self.DENY:
                return self.page("denied")
            case _:
                return HttpResponseBadRequest("The decision is either grant or deny.")


class FlowPage(ConsentPage):
    """The page of the newer flow, at the address that ``start`` returned."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        login = login_flows.read(token, now=clock.now())
        return self.page("gone", status=404) if login is None else self.ask(login.client_name)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Grant or deny; after a grant, the app gets the password when it polls next."""
        now = clock.now()
        login = login_flows.read(token, now=now)
        if login is None:
            return self.page("gone", status=404)
        if refusal := self.refusal():
            return refusal
        if not login_flows.grant(login=login, user=self.user, now=now):
            return self.page("gone", status=404)
        return self.page("granted", client=recognisable(login.client_name))


class AppRedirect(HttpResponseRedirect):
    """A redirect to the URL scheme of the apps, which the app intercepts in its own window."""

    allowed_schemes = ["nc"]


class DirectPage(ConsentPage):
    """The page of the older flow, which the app shows in its own window."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask(client_name(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Grant, and redirect with a new app password, or deny."""
        if refusal := self.refusal():
            return refusal
        owner = participants.operator(self.user)
        _, secret = app_passwords.create(
            user=self.user, name=client_name(request), performed_by=owner
        )
        user_id = quote(conf.directory.user_id(self.user), safe="")
        server = base_url(request)
        return AppRedirect(f"nc://login/server:{server}&user:{user_id}&password:{secret}")
