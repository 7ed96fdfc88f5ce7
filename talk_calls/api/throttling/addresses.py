"""The address that limits count: who pays for it, as far as the site can tell."""

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from talk_calls.host import networks

#: Bits that the largest customers share, who have 65,536 sites to choose from.
_IPV6_CUSTOMER = 48


def address_of(request: HttpRequest | Request) -> str:
    """Return where a request comes from; the /64 of an IPv6 address, as people own no less."""
    return networks.network_of(sender_of(request))


def network_of(request: HttpRequest | Request) -> str:
    """Return the same for limits that many people share: the /48 of an IPv6 address."""
    return networks.network_of(sender_of(request), ipv6_bits=_IPV6_CUSTOMER)


def sender_of(request: HttpRequest | Request) -> str:
    """Return the address of the client as it arrived, perhaps with a port.

    ``X-Forwarded-For`` is read only where the site says with DRF's ``NUM_PROXIES`` how many proxies
    write it: everybody else may send that header too.
    """
    if api_settings.NUM_PROXIES is None:
        return str(request.META.get("REMOTE_ADDR", ""))
    return str(BaseThrottle().get_ident(request))  # type: ignore[arg-type] # asks for headers only
