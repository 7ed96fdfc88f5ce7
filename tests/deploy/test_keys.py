"""The samples of the HPB have no key that the package does not know, as it would pass over it."""

import configparser
import re

import pytest

from tests.servers.programs import hpb_package
from tests.servers.samples import DEPLOY

_PACKAGED = "etc/nextcloud-spreed-signaling"

#: Sections in which keys are names that the site gives.
_NAMED = {"tokens"}


@pytest.mark.parametrize(
    ("name", "release"),
    [
        pytest.param("server.conf", "sid", marks=pytest.mark.server("hpb-sid")),
        pytest.param("proxy.conf", "bookworm", marks=pytest.mark.server("hpb-proxy")),
    ],
)
def test_keys_are_known(name, release):
    """Each section and key is in the packaged configuration, in use or as a comment."""
    packaged = (hpb_package(release) / _PACKAGED / name).read_text()
    known = set(re.findall(r"^[#;]?\s*(\[?\w+)", packaged, re.MULTILINE))
    sample = configparser.ConfigParser(interpolation=None)
    sample.read(DEPLOY / "signaling" / name)
    sections = set(sample.sections()) - {"site"}
    assert {f"[{section}" for section in sections} <= known
    assert {key for section in sections - _NAMED for key in sample[section]} <= known
