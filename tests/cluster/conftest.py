"""One cluster for all tests, with the newest HPB; people come in by any of its nodes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.cluster import servers
from tests.cluster.people import Person
from tests.cluster.servers import Cluster
from tests.servers.hpb_client import connected

#: What has to be installed.
_PROGRAMS = ("hpb-sid", "hpb-proxy", "nats", "janus")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgresql)
            item.add_marker(pytest.mark.redis)
            for program in _PROGRAMS:
                item.add_marker(pytest.mark.server(program))


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Return the running cluster; a test that stopped a part of it starts that again."""
    with servers.running("sid") as cluster:
        yield cluster


@pytest.fixture
def token(cluster) -> str:
    """Return a conversation of Alice's."""
    device = cluster.device("alice", 0)
    token = device.create()
    device.close()
    return token


@pytest.fixture
def arrive(cluster, token) -> Iterator[Callable[..., Person]]:
    """Return a function by which somebody comes in, by a node of Django and one of the HPB."""
    with ExitStack() as stack:

        def arrive(user: str | None, node: int, hpb: int | None = None) -> Person:
            device = cluster.device(user, node)
            stack.callback(device.close)
            session_id = device.enter(token)
            address = cluster.hpbs[node if hpb is None else hpb].websocket_url
            person = Person(device, stack.enter_context(connected(address)), token, session_id)
            person.connect(cluster.site.url)
            return person

        yield arrive
