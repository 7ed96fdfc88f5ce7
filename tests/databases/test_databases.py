"""A site whose router keeps the app in another database than ``default``.

What misses the router's choice fails loudly: the other database has no tables. What misses it for
a transaction alone would be silent: the lock of a conversation would end with its own statement.
"""

from typing import Any

import pytest
from django.db import connection

from talk_calls.models import Call, CallLeg, Session
from tests.databases.__main__ import TURNS
from tests.factories import ConversationFactory, SessionFactory
from tests.servers.sites import run_site

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def on_that_site(*doing: object) -> Any:
    """Run the site in a process of its own, on the database of this test."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.databases.settings",
        "SITE_DATABASE": str(connection.settings_dict["NAME"]),
        "EMPTY_DATABASE": "postgres",
    }
    return run_site("tests.databases", *doing, **environment)


def test_joins_and_leaves_at_once():
    """The lock holds: no request fails, and each leg is recorded once."""
    room = ConversationFactory()
    people = [SessionFactory(attendee__conversation=room).pk for _ in range(6)]
    assert on_that_site("race", *people) == []
    assert CallLeg.objects.count() == len(people) * TURNS
    assert not CallLeg.objects.filter(left_at=None).exists()
    assert not Call.objects.filter(ended_at=None).exists()
    assert not Session.objects.in_call().exists()


def test_a_bit_of_everything():
    """Nothing is looked for where the router only reads."""
    assert on_that_site("tour") == [200] * 10
