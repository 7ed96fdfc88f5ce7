"""What migrations do to rows."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from talk_calls.models import Conversation
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_to_ones_of_deleted_accounts_become_former_ones():
    """0010: and back, for the code before it; one-to-ones with both users stay."""
    migration = import_module("talk_calls.migrations.0010_people")
    ConversationFactory(token="left", type=1)
    ConversationFactory(token="pair", type=1, pair_key='["1", "2"]')
    ConversationFactory(token="group", type=2)
    with connection.schema_editor() as editor:
        migration.lock_former(apps, editor)
    states = Conversation.objects.order_by("token").values_list("token", "type", "read_only")
    assert list(states) == [("group", 2, 0), ("left", 5, 1), ("pair", 1, 0)]
    with connection.schema_editor() as editor:
        migration.unlock_former(apps, editor)
    assert Conversation.objects.get(token="left").type == 1
