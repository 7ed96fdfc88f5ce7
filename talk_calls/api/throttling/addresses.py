"""The address that limits count: who pays for it, as far as the site can tell."""

import ipaddress

from django.http import HttpRequest
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

#: Bits of an IPv6 address that tell one customer from another; the rest is theirs to choose.
_IPV6_SITE = 64


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from; the /64 of an IPv6 address, as people own no less.

    ``X-Forwarded-For`` is read only where the site says with DRF's ``NUM_PROXIES`` how many proxies
    write it: everybody else may send that header too.
    """
    if api_settings.NUM_PROXIES is None:
        address = request.META.get("REMOTE_ADDR", "")
    else:
        address = BaseThrottle().get_ident(request)  # type: ignore[arg-type] # asks for headers only
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return str(address)  # a Unix socket has none
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    site = ipaddress.IPv6Network((int(ip), _IPV6_SITE), strict=False)
    return str(ip.ipv4_mapped or site)
