"""What the site sees of a request's way, for ``talk_health --url``; for others no such route."""

from dataclasses import asdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from talk_calls.api.throttling.addresses import sender_of
from talk_calls.health import signatures
from talk_calls.health.client_address import Seen
from talk_calls.ocs.views import OCSView, UnknownRouteView

#: Other headers that proxies add, and ``talk_health`` does not send.
_OF_PROXIES = ("Forwarded", "Via", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


@csrf_exempt
@login_not_required
def client_address(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    """Answer whoever knows ``SECRET_KEY``; anybody else as every route that there is not."""
    sent = request.headers.get(signatures.HEADER, "")
    is_known = request.method == "GET" and signatures.is_signature(sent)
    view = ClientAddressView if is_known else UnknownRouteView
    return view.as_view()(request, **kwargs)


class ClientAddressView(OCSView):
    """Tells which address limits count, and why."""

    def get(self, request: Request) -> Response:
        """Return the fields of ``Seen``."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        seen = Seen(
            counted=sender_of(request._request),
            connected=request.META.get("REMOTE_ADDR", ""),
            forwarded=tuple(each.strip() for each in forwarded.split(",") if each.strip()),
            num_proxies=api_settings.NUM_PROXIES,
            is_proxied=any(name in request.headers for name in _OF_PROXIES),
        )
        return Response(asdict(seen))
