"""The networks in which the addresses of clients are."""

import ipaddress

#: Bits of an IPv6 address that tell one customer from another; the rest is theirs to choose.
IPV6_SITE = 64


def network_of(address: str, *, ipv6_bits: int = IPV6_SITE) -> str:
    """Return an IPv4 address, or the network of so many bits of an IPv6 address, as text.

    ``address`` may have a port. Text that is no address comes back as it is.
    """
    try:
        ip = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return address  # a Unix socket has none
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    network = ipaddress.IPv6Network((int(ip), ipv6_bits), strict=False)
    return str(ip.ipv4_mapped or network)


def public_network_of(address: str) -> str | None:
    """Return the network of an address of the internet, as ``network_of`` does, or None.

    ``address`` may be the /64 of an IPv6 address as well. None is what stands for no certain
    client: text that is no address, and loopback, private and reserved addresses, which are those
    of proxies, and of everybody behind one.
    """
    text = address.strip().removesuffix(f"/{IPV6_SITE}")
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    elif text != address.strip():
        return None  # a /64 of an IPv4 address
    return network_of(str(ip)) if ip.is_global and not ip.is_multicast else None


def _without_port(address: str) -> str:
    """Return the address alone: some proxies add the client's port, a new one each time."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, _, port = address.partition(":")
    return host if port.isdecimal() and "." in host else address
