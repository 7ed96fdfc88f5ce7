"""To which addresses webhooks may go: public ones, and those that the site allows.

Whoever may register an endpoint could otherwise let the site ask its own network: a database, a
router, or the metadata service of its cloud.
"""

from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Networks that are not public, and that Python calls global, or did in some versions.
_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocols, and the metadata service of a cloud
        "192.88.99.0/24",  # relays of 6to4
        "100.64.0.0/10",  # shared by the customers of a provider
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # NAT64 within a site
        "2001::/23",  # protocols, Teredo among them
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local, of old
    )
)

_NAT64 = ip_network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """Tell whether an address is one of the Internet, and so is each address within it."""
    return all(_is_public(address) for address in _with_embedded(ip_address(text)))


def is_allowed(text: str, networks: Iterable[Network]) -> bool:
    """Tell whether an address, or the one within it, is in one of the site's networks."""
    places = tuple(networks)
    return any(
        address in network
        for address in _with_embedded(ip_address(text))
        for network in places
        if address.version == network.version
    )


def _is_public(address: Address) -> bool:
    if address.is_multicast or not address.is_global:
        return False
    return not any(
        address in network for network in _NOT_PUBLIC if network.version == address.version
    )


def _with_embedded(address: Address) -> Iterator[Address]:
    """Yield where a packet arrives: the IPv4 address within an IPv6 address, or the address.

    With NAT64 and 6to4 the IPv6 address counts as well, whose network has to translate it.
    """
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    if address.sixtofour is not None:
        yield address.sixtofour
        return
    yield address
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
