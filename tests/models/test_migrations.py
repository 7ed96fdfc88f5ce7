"""What migrations do to rows."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import isolate_apps
from django.utils import timezone

from talk_calls.models import Conversation, OutboxEvent
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


def test_events_that_were_not_sent_move_to_the_outbox():
    """0025: in their order, with all that receivers get; and back, for the code before it."""
    migration = import_module("talk_calls.migrations.0025_outbox")
    with isolate_apps("talk_calls"):

        class PendingEvent(models.Model):
            """The table that 0025 removes."""

            conversation_id = models.BigIntegerField(db_index=True)
            kind = models.CharField(max_length=40)
            payload = models.JSONField()
            created_at = models.DateTimeField(default=timezone.now)

            class Meta:
                app_label = "talk_calls"

    class Both:
        """The state between: the old table is still there."""

        def get_model(self, app_label, name):
            return PendingEvent if name == "PendingEvent" else OutboxEvent

    facts = {
        "conversation_id": 7,
        "token": "abcd",
        "at": "2021-02-22T12:00:00.123456+00:00",
        **{"actor_type": "users", "actor_id": "alice", "display_name": "Alice", "call_id": 3},
    }
    start = {"resumes": None, "silent": False, "silent_for": ["bob"]}
    end = {"started_at": facts["at"], "reason": "left"}
    old = [("CallStarted", facts | start), ("CallEnded", facts | end)]
    with connection.schema_editor() as editor:
        editor.create_model(PendingEvent)
    try:
        for kind, payload in old:
            PendingEvent.objects.create(conversation_id=7, kind=kind, payload=payload)
        with connection.schema_editor() as editor:
            migration.move_to_outbox(Both(), editor)
        rows = list(OutboxEvent.objects.for_receivers())
        assert [type(row.event).__name__ for row in rows] == ["CallStarted", "CallEnded"]
        assert rows[0].event.silent_for == ("bob",)
        assert rows[1].event.started_at == rows[1].event.at == rows[0].event.at
        assert rows[0].event.at.microsecond == 123456
        PendingEvent.objects.all().delete()
        rows[0].payload["user_ids"] = ["bob"]  # which that code does not know
        rows[0].save()
        with connection.schema_editor() as editor:
            migration.move_back(Both(), editor)
        back = PendingEvent.objects.order_by("pk").values_list("kind", "payload")
        assert list(back) == old
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(PendingEvent)
