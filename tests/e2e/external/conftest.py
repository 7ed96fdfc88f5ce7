"""Real browsers at a site whose messages, and mostly media, pass through real servers."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.external.servers import Servers, Setup, serving
from tests.e2e.site import Site

#: What most tests run with: the newest HPB that there is, and an SFU.
USUAL = Setup("sid")


def with_servers(setup: Setup, *more: Any, nightly: bool = False) -> Any:
    """Return a set of parameters that begins with a setup; skipped if one of its programs lacks."""
    marks = [pytest.mark.server(program) for program in setup.programs]
    if nightly:
        marks.append(pytest.mark.nightly)
    return pytest.param(setup, *more, marks=marks, id="-".join(map(str, [setup, *more])))


@pytest.fixture(scope="session", params=[with_servers(USUAL)])
def servers(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Servers]:
    """Return the running servers; a test that stopped one has started it again."""
    database = tmp_path_factory.mktemp("external") / "site.sqlite3"
    with serving(request.param, f"sqlite:///{database}") as servers:
        yield servers


@pytest.fixture
def site(servers: Servers) -> Site:
    """Return the site, as the fixtures of all browser tests want it."""
    return servers.site
