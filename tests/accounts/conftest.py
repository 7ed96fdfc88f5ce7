"""What the tests of the accounts share."""

import pytest
from django.contrib.auth.models import User

from tests.factories import UserFactory


@pytest.fixture(params=["", "/index.php"], ids=["plain", "index.php"])
def prefix(request: pytest.FixtureRequest) -> str:
    """Each prefix that apps use."""
    return request.param


@pytest.fixture(params=[1, 2])
def entry(request: pytest.FixtureRequest) -> int:
    """Each entry point."""
    return request.param


@pytest.fixture
def alice(db: None) -> User:
    """Return a user whose name shows whether it is quoted."""
    return UserFactory(username="alice@home", first_name="Alice", last_name="<Ünder>")
