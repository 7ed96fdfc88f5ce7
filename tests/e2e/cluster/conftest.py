"""Real browsers at a site of two nodes, with two nodes of the HPB and an SFU beside each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import servers
from tests.cluster.servers import PROGRAMS, RELEASE, Cluster
from tests.e2e.site import Meeting, Site
from tests.e2e.visitors import Visitor
from tests.servers.hpb import HPB


class ClusterSite(Site):
    """The site behind its balancer; conversations are made by any of its nodes, as alice."""

    def __init__(self, cluster: Cluster) -> None:
        self.address = cluster.site.url
        self._alice = cluster.device("alice", 0)

    def ask(self, method: str, path: str, **data: Any) -> Any:
        """Ask the API as alice."""
        return self._alice.ask(method, path, **data)

    def stop(self) -> None:  # type: ignore[override]
        """Close the connections."""
        self._alice.close()


_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before what looks at the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.redis)
            for program in PROGRAMS:
                item.add_marker(pytest.mark.server(program))


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Return the running cluster; a test that stopped a part of it starts that again."""
    with servers.running(RELEASE, debug=True) as cluster:
        yield cluster


@pytest.fixture
def site(cluster) -> Iterator[Site]:
    """Return the site, as the fixtures of all browser tests want it."""
    site = ClusterSite(cluster)
    yield site
    site.stop()


@pytest.fixture
def visitor_at(visitor, meeting: Meeting) -> Callable[[str, HPB], Visitor]:
    """Return a function by which somebody joins the call through one node of the HPB."""

    def join(name: str, hpb: HPB, **options: Any) -> Visitor:
        person: Visitor = visitor(name, **options)
        person.context.route("**/signaling/settings*", lambda route: _settings(route, hpb))
        person.open().join()
        person.context.unroute("**/signaling/settings*")
        return person

    return join


def _settings(route: Any, hpb: HPB) -> None:
    """Ask until the site, which offers any node, offers this one."""
    answer = route.fetch()
    while hpb.url not in answer.text():
        answer = route.fetch()
    route.fulfill(response=answer)
