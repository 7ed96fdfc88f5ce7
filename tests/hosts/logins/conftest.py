"""What the tests of the sites share."""

import pytest
from django.contrib.auth.models import User

from talk_calls.services import app_passwords

PASSWORD = "wonderland"


@pytest.fixture
def alice(db: None) -> User:
    """Return a user who could do everything in the admin."""
    return User.objects.create_superuser("alice", "alice@example.org", PASSWORD)


@pytest.fixture
def secret(alice: User) -> str:
    """Return an app password of Alice."""
    return app_passwords.create(user=alice, name="phone")[1]
