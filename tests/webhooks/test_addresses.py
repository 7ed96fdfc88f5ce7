"""Webhooks go to public addresses, and to those that the site allows."""

from ipaddress import ip_network

import pytest

from talk_calls.webhooks.addresses import is_allowed, is_public

OWN = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "::ffff:93.184.215.14",
        "64:ff9b::5db8:d70e",  # 93.184.215.14 by NAT64, for sites without IPv4
        "2002:5db8:d70e::1",
    ],
)
def test_public(address):
    assert is_public(address)
    assert not is_allowed(address, OWN)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 -- nothing is bound to it
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",  # a metadata service
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",  # a metadata service
        "172.16.0.1",
        "192.0.0.192",  # a metadata service
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",  # IPv4-translated
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::5db8:d70e",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "fc00::1",
        "fd00:ec2::254",  # a metadata service
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "3fff::1",
    ],
)
def test_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "fd12::1"]
)
def test_allowed(address):
    assert is_allowed(address, OWN)
