"""The view of the call page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.views.generic import TemplateView

from talk_calls.conf import conf
from talk_calls.web.headers import page_headers
from talk_calls.web.texts import TEXTS


class CallPage(TemplateView):
    """One page for every token: whether there is a conversation is only told by the API."""

    http_method_names = ["get", "head"]
    template_name = "talk_calls/call/page.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Guard every answer, and keep none: who is logged in stands on the page."""
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        for name, value in page_headers().items():
            response[name] = value
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the templates show and what the scripts have to know."""
        name = self.user_name()
        return {
            **super().get_context_data(**kwargs),
            "user_name": name,
            "login_url": None if name else self.login_url(),
            "config": self.config(kwargs["token"], name),
            "texts": TEXTS,
        }

    def config(self, token: str, name: str | None) -> dict[str, Any]:
        """Return what the scripts have to know; who is silent for ``timeout`` seconds is out."""
        timeout = conf.session_timeout.total_seconds()
        return {"token": token, "api": api_base(token), "name": name, "timeout": timeout}

    def user_name(self) -> str | None:
        """Return how others will see the user, or None for a guest."""
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        return str(conf.directory.display_name(user))

    def login_url(self) -> str | None:
        """Return where to log in and come back, if the site has such a place."""
        try:
            address = resolve_url(settings.LOGIN_URL)
        except NoReverseMatch:
            return None
        sign = "&" if "?" in address else "?"
        return f"{address}{sign}{urlencode({'next': self.request.get_full_path()})}"


def api_base(token: str) -> str:
    """Return the address below which the API is, wherever the site is mounted."""
    room = reverse("talk_calls:v4:room-detail", kwargs={"ocs_version": 2, "token": token})
    return room.removesuffix(f"v4/room/{token}")
