"""Servers with the files of deploy/, and people who use them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.deploy import stub_site
from tests.deploy.stub_site import StubSite
from tests.servers import hpb
from tests.servers.hpb import HPB
from tests.servers.hpb_client import HPBClient

TOKEN = "conversation"


@pytest.fixture
def site() -> Iterator[StubSite]:
    """Return a running site."""
    with stub_site.running() as site:
        yield site


@pytest.fixture
def start_cluster() -> Iterator[Callable[..., list[HPB]]]:
    """Return ``hpb.running_cluster`` as a function, for nodes that end with the test."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(hpb.running_cluster(*args, **kwargs))


@dataclass(frozen=True)
class Person:
    """Somebody in the conversation ``TOKEN``."""

    client: HPBClient
    session_id: str  # at the site


@pytest.fixture
def arrive(site, connect_to_hpb) -> Callable[[HPB, str], Person]:
    """Return a function by which somebody logs in and joins the conversation."""

    def arrive(hpb: HPB, user_id: str) -> Person:
        client = connect_to_hpb(hpb)
        answer = client.hello_v1(site.url, user_id=user_id, ticket="ticket")
        assert answer["type"] == "hello", answer
        session_id = f"session-of-{user_id}"
        joined = client.join(TOKEN, session_id)
        assert joined["room"]["roomid"] == TOKEN, joined
        return Person(client, session_id)

    return arrive
