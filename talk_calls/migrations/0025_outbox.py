"""One outbox for all who get events; events that receivers did not get yet move there."""

import uuid
from datetime import datetime

import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROWS = 1000
#: A field of missed calls that the code before this does not know.
NEW = "user_ids"
TYPES = {
    "CallStarted": "call.started",
    "CallEnded": "call.ended",
    "CallMissed": "call.missed",
}


def move_to_outbox(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make rows of the outbox, in the order in which things happened."""
    alias = schema_editor.connection.alias
    row = apps.get_model("talk_calls", "OutboxEvent")
    pending = apps.get_model("talk_calls", "PendingEvent").objects.using(alias)
    made = []
    for event in pending.order_by("pk").iterator(ROWS):
        facts = dict(event.payload)
        del facts["conversation_id"]
        made.append(
            row(
                conversation_id=event.conversation_id,
                conversation_token=facts.pop("token"),
                type=TYPES[event.kind],
                at=datetime.fromisoformat(facts.pop("at")),
                created_at=event.created_at,
                payload=facts,
                for_receivers=True,
            )
        )
    row.objects.using(alias).bulk_create(made, batch_size=ROWS)


def move_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep what receivers did not get yet; what was for webhooks only is lost."""
    alias = schema_editor.connection.alias
    kinds = {kind: name for name, kind in TYPES.items()}
    row = apps.get_model("talk_calls", "PendingEvent")
    outbox = apps.get_model("talk_calls", "OutboxEvent").objects.using(alias)
    made = []
    for event in outbox.filter(for_receivers=True).order_by("pk").iterator(ROWS):
        facts = event.payload | {
            "conversation_id": event.conversation_id,
            "token": event.conversation_token,
            "at": event.at.isoformat(),
        }
        facts.pop(NEW, None)
        made.append(
            row(
                conversation_id=event.conversation_id,
                kind=kinds[event.type],
                payload=facts,
                created_at=event.created_at,
            )
        )
    row.objects.using(alias).bulk_create(made, batch_size=ROWS)


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0024_verbose_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("conversation_id", models.BigIntegerField()),
                ("conversation_token", models.CharField(max_length=30)),
                ("type", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("payload", models.JSONField()),
                ("for_receivers", models.BooleanField(default=False)),
                ("for_webhooks", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("for_receivers", True)),
                        fields=["conversation_id", "id"],
                        name="talk_outbox_receivers",
                    ),
                    models.Index(
                        condition=models.Q(("for_webhooks", True)),
                        fields=["conversation_id", "id"],
                        name="talk_outbox_webhooks",
                    ),
                    models.Index(fields=["created_at"], name="talk_outbox_by_age"),
                ],
            },
        ),
        migrations.RunPython(move_to_outbox, move_back),
        migrations.DeleteModel(name="PendingEvent"),
    ]
