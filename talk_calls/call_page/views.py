"""The view of the call page."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.generic import TemplateView

from talk_calls import names
from talk_calls.call_page.headers import page_headers
from talk_calls.call_page.modules import module_urls
from talk_calls.call_page.texts import TEXTS
from talk_calls.conf import conf
from talk_calls.constants import REACTIONS
from talk_calls.host.browser_sessions import drop_impossible
from talk_calls.host.home_page import home_page
from talk_calls.host.login_page import login_page
from talk_calls.ocs.json_types import JSONObject
from talk_calls.ocs.unchanged_sessions import leave_unchanged
from talk_calls.signaling import ice


# Guests come here: a site's LoginRequiredMiddleware must not send them away.
@method_decorator(login_not_required, name="dispatch")
class CallPage(TemplateView):
    """The same page for every token: only the API tells whether there is such a conversation."""

    http_method_names = ["get", "head"]
    template_name = "talk_calls/call/page.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Set the security headers, and forbid caching: the page shows who is logged in."""
        drop_impossible(request)
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        response.xframe_options_exempt = True  # type: ignore[attr-defined]  # we say who may
        for name, value in page_headers().items():
            response[name] = value
        leave_unchanged(request, response)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        name = self.user_name()
        return {
            **super().get_context_data(**kwargs),
            "user_name": name,
            "login_url": None if name else self.login_url(),
            "config": self.config(kwargs["token"], name),
            "modules": module_urls(),
            "texts": TEXTS,
        }

    def config(self, token: str, name: str | None) -> JSONObject:
        """Return the configuration of the scripts.

        Keys: ``token``, ``api`` (path of the API), ``name`` (of the user, null for a guest),
        ``timeout`` (seconds without a ping after which a session times out), ``external`` (whether
        signaling is external), ``home`` (address of the page to go to after a call),
        ``turnLifetime`` (seconds for which credentials for TURN servers are valid, null without
        such servers), ``loginUrl`` (address of the login page, which leads back; null without one),
        ``reactions`` (the emoji that are offered).
        """
        timeout = conf.session_timeout.total_seconds()
        return {
            "token": token,
            "api": api_base(token),
            "name": name,
            "timeout": timeout,
            "external": conf.signaling.external,
            "home": home_page(),
            "turnLifetime": ice.turn_lifetime(),
            "loginUrl": self.login_url(),
            "reactions": list(REACTIONS),
        }

    def user_name(self) -> str | None:
        """Return the display name of the user, or None for a guest."""
        user = getattr(self.request, "user", None)
        if not isinstance(user, AbstractBaseUser) or not user.is_active:
            return None
        return names.cut(conf.directory.display_name(user)) or str(user.pk)

    def login_url(self) -> str | None:
        """Return the login page's address, with ``next``, or None if the site has no such page."""
        address = login_page()
        if address is None:
            return None
        sign = "&" if "?" in address else "?"
        return f"{address}{sign}{urlencode({'next': self.request.get_full_path()})}"


def api_base(token: str) -> str:
    """Return the address below which the API is, wherever the site is mounted."""
    room = reverse("talk_calls:v4:room-detail", kwargs={"ocs_version": 2, "token": token})
    return room.removesuffix(f"v4/room/{token}")
