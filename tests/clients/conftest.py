"""A live site for clients that others wrote, and a device of ours to check what they did."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.clients.site import People, serving
from tests.ocs_client import OCSClient


@pytest.fixture(scope="session")
def site(django_db_setup: None) -> Iterator[str]:
    """Return the address of the site; it goes before the database does."""
    with serving() as address:
        yield address


@pytest.fixture
def people(transactional_db: None) -> People:
    """Return the users; they are committed, so the server process sees them."""
    return People()


@pytest.fixture
def ours(people: People) -> Callable[[str], OCSClient]:
    """Return a function that makes a client of ours, which sees what the others did."""

    def make(name: str) -> OCSClient:
        secret = people.app_password(name)
        return OCSClient(version="v4", username=name, password=secret)

    return make


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """Return an event loop for clients that need one between the calls of a test."""
    with asyncio.Runner() as runner:
        yield runner
