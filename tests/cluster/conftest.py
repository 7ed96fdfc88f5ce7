"""One cluster for all tests, with the newest HPB; people come in by any of its nodes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster import servers
from tests.cluster.people import Person
from tests.cluster.servers import PROGRAMS, RELEASE, Cluster
from tests.hpb.live.site import Device
from tests.servers.hpb_client import connected

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before what looks at the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.postgresql)
            item.add_marker(pytest.mark.redis)
            for program in PROGRAMS:
                item.add_marker(pytest.mark.server(program))


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Return the running cluster; a test that stopped a part of it starts that again."""
    with servers.running(RELEASE) as cluster:
        yield cluster


@pytest.fixture
def token(cluster) -> str:
    """Return a conversation of Alice's."""
    device = cluster.device("alice", 0)
    token = device.create()
    device.close()
    return token


@pytest.fixture
def connect(cluster, token) -> Iterator[Callable[..., Person]]:
    """Return a function by which a device with a session connects to a node of the HPB."""
    with ExitStack() as stack:

        def connect(device: Device, session_id: str, hpb: int) -> Person:
            address = cluster.hpbs[hpb].websocket_url
            person = Person(device, stack.enter_context(connected(address)), token, session_id)
            person.connect(cluster.site.url)
            return person

        yield connect


@pytest.fixture
def arrive(cluster, token, connect) -> Iterator[Callable[..., Person]]:
    """Return a function by which somebody comes in, by nodes of Django and the HPB of a number."""
    with ExitStack() as stack:

        def arrive(user: str | None, node: int) -> Person:
            device = cluster.device(user, node)
            stack.callback(device.close)
            return connect(device, device.enter(token), node)

        yield arrive


@pytest.fixture
def come_back(connect) -> Callable[..., Person]:
    """Return a function by which somebody who lost the connection connects anew."""
    return lambda person, hpb: connect(person.device, person.session_id, hpb)
