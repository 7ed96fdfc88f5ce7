"""How an app gets an app password by way of its user's browser (clients 5).

In the newer flow the app polls for the password while its user grants it in any browser. In the
older one the app shows the page in a window of its own, and reads the password from a redirect.
"""

from typing import ClassVar
from urllib.parse import quote

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from talk_calls.accounts.pages import Page
from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.models.app_passwords import NAME_MAX_LENGTH
from talk_calls.services import app_passwords, login_flows

#: What an app is called that does not say who it is.
NAMELESS = "Unnamed app"


def base_url(request: HttpRequest) -> str:
    """Return the site's address as apps keep it: no slash, and no index.php, at its end."""
    status = request.build_absolute_uri(reverse("talk_accounts:status"))
    return status.removesuffix("/status.php")


def client_name(request: HttpRequest) -> str:
    """Return what the app calls itself, cut to what can be kept and shown."""
    told = "".join(sign for sign in request.headers.get("User-Agent", "") if sign.isprintable())
    return told.strip()[:NAME_MAX_LENGTH] or NAMELESS


@csrf_exempt
@require_POST
def start(request: HttpRequest) -> JsonResponse:
    """Begin a login: return the token to poll with, and the address for the browser.

    Both addresses are below the one that the app asked, ``/index.php`` or not. There is no cookie
    to misuse, so nothing proves where the request comes from.
    """
    tokens = login_flows.start(client_name=client_name(request), now=clock.now())
    here = request.build_absolute_uri(request.path)
    answer = {
        "poll": {"token": tokens.poll, "endpoint": f"{here}/poll"},
        "login": f"{here}/flow/{tokens.login}",
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@csrf_exempt
@require_POST
def poll(request: HttpRequest) -> JsonResponse:
    """Hand over the app password, once; until then, and for any other token, 404 and ``[]``."""
    request.encoding = "utf-8"  # whatever a header claims; a codec such as base64 is no charset
    poll_token = request.POST.get("token", "")
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
    """Asks the user whether an app may have an app password."""

    #: What the two buttons of the page say.
    GRANT: ClassVar[str] = "grant"
    DENY: ClassVar[str] = "deny"

    def ask(self, client: str) -> HttpResponse:
        """Return the question."""
        names = {
            "user_id": conf.directory.user_id(self.user),
            "display_name": conf.directory.display_name(self.user),
        }
        return self.page("consent", client=client, server=base_url(self.request), **names)

    def refusal(self) -> HttpResponse | None:
        """Return the answer to anything but a grant, or None."""
        match self.request.POST.get("decision"):
            case self.GRANT:
                return None
            case self.DENY:
                return self.page("denied")
            case _:
                return HttpResponseBadRequest("The decision is either grant or deny.")


class FlowPage(ConsentPage):
    """The browser's part of the newer flow."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Ask."""
        login = login_flows.read(token, now=clock.now())
        return self.page("gone", status=404) if login is None else self.ask(login.client_name)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Let the app have its password when it polls again, or not."""
        now = clock.now()
        login = login_flows.read(token, now=now)
        if login is None:
            return self.page("gone", status=404)
        if refusal := self.refusal():
            return refusal
        if not login_flows.grant(login=login, user=self.user, now=now):
            return self.page("gone", status=404)
        return self.page("granted", client=login.client_name)


class AppRedirect(HttpResponseRedirect):
    """A redirect that the app, in whose window this happens, catches."""

    allowed_schemes = ["nc"]


class DirectPage(ConsentPage):
    """The older flow."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return self.ask(client_name(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send an app password to the app, or not."""
        if refusal := self.refusal():
            return refusal
        _, secret = app_passwords.create(user=self.user, name=client_name(request))
        user_id = quote(conf.directory.user_id(self.user), safe="")
        server = base_url(request)
        return AppRedirect(f"nc://login/server:{server}&user:{user_id}&password:{secret}")
