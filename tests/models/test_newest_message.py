"""A conversation comes with its newest message, in the query that loads it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import SystemMessage, finders
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[None, False], ids=["a new connection", "one that was locked at first"])
def _features(request, monkeypatch):
    """Let Django know nothing of JSON in SQLite, or what it concludes from a locked database.

    It looks in a transaction, once for each connection, and takes every error for an answer.
    """
    known = vars(connection.features)
    monkeypatch.setitem(known, "supports_json_field", request.param)
    if request.param is None:
        del known["supports_json_field"]


@pytest.mark.usefixtures("_features")
def test_nothing_is_looked_up_beside_it():
    """It is one statement without a lock, and comes whatever Django concluded."""
    room = ConversationFactory()
    message = SystemMessage.objects.create(
        conversation=room, kind="read_only", at=timezone.now(), details={"name": "x"}
    )
    with CaptureQueriesContext(connection) as captured:
        found = finders.find_conversation(room.token, now=timezone.now())
    assert len(captured) == 1
    assert found.newest_message == message
    assert found.newest_message.details == {"name": "x"}
