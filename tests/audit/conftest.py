"""Fixtures of the commands and of the services, which the tests of the trail share."""

from tests.management.conftest import run
from tests.services.conftest import clock

__all__ = ["clock", "run"]
