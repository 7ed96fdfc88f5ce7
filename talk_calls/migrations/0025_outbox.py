"""One outbox for all who get events.

Processes of 0.1 go on with their own table while they run; ``talk_sweep`` moves what they leave.
"""

import uuid

import django.utils.timezone
from django.db import migrations, models


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
    ]
