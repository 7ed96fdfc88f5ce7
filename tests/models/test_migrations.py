"""What migrations do to rows."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from talk_calls.models import Conversation
from tests.factories import AttendeeFactory, ConversationFactory

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


def test_whoever_may_chat_may_react():
    """0021: everything stays everything, and nothing nothing; and back."""
    migration = import_module("talk_calls.migrations.0018_react")
    before = [0, 1, 7, 119, 129, 246, 254, 255]
    after = [0, 1, 7, 119, 385, 502, 510, 511]
    room = ConversationFactory()
    for permissions in before:
        AttendeeFactory(conversation=room, permissions=permissions)
        ConversationFactory(
            token=f"room{permissions}",
            default_permissions=permissions,
            call_permissions=255 - permissions,
        )

    def stored() -> list[list[int]]:
        rooms = Conversation.objects.exclude(pk=room.pk).order_by("pk")
        return [
            list(room.attendees.order_by("pk").values_list("permissions", flat=True)),
            list(rooms.values_list("default_permissions", flat=True)),
            list(rooms.values_list("call_permissions", flat=True)),
        ]

    with connection.schema_editor() as editor:
        migration.let_react(apps, editor)
    assert stored() == [after, after, [511, 510, 504, 392, 126, 9, 1, 0]]
    with connection.schema_editor() as editor:
        migration.let_react(apps, editor)  # as after a restart in the middle
        migration.forget_reactions(apps, editor)
    assert stored() == [before, before, [255 - permissions for permissions in before]]
