"""The address that limits count: who pays for it, as far as the site can tell."""

import ipaddress

from django.http import HttpRequest
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

#: Bits of an IPv6 address that tell one customer from another; the rest is theirs to choose.
_IPV6_SITE = 64

#: Bits that the largest customers share, who have 65,536 sites to choose from.
_IPV6_CUSTOMER = 48


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from; the /64 of an IPv6 address, as people own no less."""
    return _network(sender_of(request), _IPV6_SITE)


def network_of(request: HttpRequest) -> str:
    """Return the same for limits that many people share: the /48 of an IPv6 address."""
    return _network(sender_of(request), _IPV6_CUSTOMER)


def sender_of(request: HttpRequest) -> str:
    """Return the address of the client as it arrived, perhaps with a port.

    ``X-Forwarded-For`` is read only where the site says with DRF's ``NUM_PROXIES`` how many proxies
    write it: everybody else may send that header too.
    """
    if api_settings.NUM_PROXIES is None:
        return str(request.META.get("REMOTE_ADDR", ""))
    return str(BaseThrottle().get_ident(request))  # type: ignore[arg-type] # asks for headers only


def _network(address: str, ipv6_bits: int) -> str:
    try:
        ip = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return address  # a Unix socket has none
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    network = ipaddress.IPv6Network((int(ip), ipv6_bits), strict=False)
    return str(ip.ipv4_mapped or network)


def _without_port(address: str) -> str:
    """Return the address alone: some proxies add the client's port, a new one each time."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, _, port = address.partition(":")
    return host if port.isdecimal() and "." in host else address
