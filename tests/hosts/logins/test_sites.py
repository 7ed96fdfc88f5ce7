"""Each site of this directory, in a process with its settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SITES = sorted(path.stem.removeprefix("site_") for path in HERE.glob("site_*.py"))
PACKAGES = {"allauth": "allauth", "axes": "axes", "otp": "django_otp"} | {
    "tokens": "rest_framework_simplejwt"
}


@pytest.mark.parametrize(
    "site", [pytest.param(site, marks=pytest.mark.package(PACKAGES[site])) for site in SITES]
)
def test_site(site):
    """The tests of the site pass; it has a database of its own, which is SQLite."""
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-migrations"]
    # What other packages will have to change some day is no fault of ours.
    tests += ["-W", "default::DeprecationWarning", "-W", "default::PendingDeprecationWarning"]
    ran = subprocess.run(
        [*tests, f"--ds=tests.hosts.logins.{site}_settings", str(HERE / f"site_{site}.py")],
        cwd=HERE.parents[2],
        env=os.environ | {"DATABASE_URL": ""},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_site_is_known():
    """A site without a package, or without settings, would not run."""
    assert set(SITES) == set(PACKAGES)
