"""What the health checks look at."""

import pytest
from django.db import connection
from django.utils import timezone

from talk_calls.health.results import CheckContext


@pytest.fixture
def context() -> CheckContext:
    """Return a context with the current time and a short timeout."""
    return CheckContext(now=timezone.now(), timeout=2.0)


@pytest.fixture
def second_process(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Let the second process be of this test's site."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.health.settings")
    monkeypatch.setenv("HEALTH_DATABASE", str(connection.settings_dict["NAME"]))
