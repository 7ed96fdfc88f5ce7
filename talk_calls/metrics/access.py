"""Who may read metrics: whoever has the token, and who asks from a network that the site names."""

import ipaddress
import secrets

from django.http import HttpRequest
from rest_framework.settings import api_settings

from talk_calls.api.throttling.addresses import sender_of
from talk_calls.conf import conf
from talk_calls.host import networks

#: Headers of proxies, behind which an address is not that of who asks.
_OF_PROXIES = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
)


def may_read(request: HttpRequest) -> bool:
    """Tell whether the request has the token, or comes from one of the networks."""
    return _has_token(request) or _is_in_networks(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = conf.metrics_token
    if not wanted or scheme.lower() != "bearer":
        return False
    return secrets.compare_digest(given.strip().encode(), wanted.encode())


def _is_in_networks(request: HttpRequest) -> bool:
    """Tell whether the sender is in a network; not by the address of a proxy that asks for it.

    Behind a proxy everybody seems to come from its address, unless ``NUM_PROXIES`` says how to read
    the headers.
    """
    is_proxied = any(name in request.headers for name in _OF_PROXIES)
    if is_proxied and api_settings.NUM_PROXIES is None:
        return False
    try:
        sender = ipaddress.ip_network(networks.network_of(sender_of(request), ipv6_bits=128))
    except ValueError:
        return False  # a Unix socket has no address
    return any(
        each.version == sender.version and sender.subnet_of(each)  # type: ignore[arg-type]
        for each in conf.metrics_networks
    )
