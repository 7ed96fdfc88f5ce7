"""Each site keeps the contract (contract.py), in a process of its own."""

from pathlib import Path
from typing import Any

import pytest

from tests.servers.sites import run_site

nightly = pytest.mark.nightly
package = pytest.mark.package

SITES = [
    "atomic_requests",
    "cache_sessions",
    "cookie_sessions",
    "login_required",
    "own_admin",
    "replica",
    "sub_path",
    "tuples",
    pytest.param("allauth_mfa", marks=package("allauth.mfa")),
    pytest.param("cors", marks=package("corsheaders")),
    pytest.param("jazzmin_theme", marks=package("jazzmin")),
    pytest.param("oidc", marks=package("mozilla_django_oidc")),
    pytest.param("unfold_theme", marks=package("unfold")),
    pytest.param("wagtail_site", marks=[package("wagtail"), nightly]),
]


@pytest.mark.parametrize("site", SITES)
def test_site(site: str, tmp_path: Path) -> None:
    """Its users and guests list, join and leave, by each way to log in."""
    assert failures_of(site, tmp_path / "site.sqlite3") == {}


def failures_of(site: str, database: Path) -> Any:
    """Run the contract at a site; return the steps that failed, with their tracebacks."""
    environment = {
        "DJANGO_SETTINGS_MODULE": f"tests.hosts.sites.{site}",
        "HOST_DATABASE": str(database),
    }
    return run_site("tests.hosts", **environment)
