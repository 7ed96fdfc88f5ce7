"""Webhooks: endpoints, the sequence that each gets of a conversation, and deliveries."""

import datetime

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0025_outbox"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("url", models.CharField(max_length=2000, verbose_name="URL")),
                ("secret", models.CharField(blank=True, editable=False, max_length=200)),
                ("previous_secret", models.CharField(blank=True, editable=False, max_length=200)),
                ("previous_secret_until", models.DateTimeField(editable=False, null=True)),
                (
                    "event_types",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Such as call.started or call.*; all if it is empty.",
                        verbose_name="event types",
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                (
                    "is_from_settings",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="from the settings"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                ("disabled_reason", models.CharField(blank=True, editable=False, max_length=255)),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                ("last_success_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "webhook endpoint",
                "verbose_name_plural": "webhook endpoints",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name",), name="talk_webhook_endpoint_name_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("conversation_id", models.BigIntegerField()),
                ("number", models.PositiveBigIntegerField(verbose_name="number")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("delivered", "Delivered"),
                            ("dead", "Dead"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "queued_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="queued at"
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("next_attempt_at", models.DateTimeField(null=True, verbose_name="next attempt")),
                ("last_attempt_at", models.DateTimeField(null=True, verbose_name="last attempt")),
                ("status_code", models.PositiveSmallIntegerField(null=True, verbose_name="status")),
                ("response", models.TextField(blank=True, verbose_name="response")),
                ("error", models.CharField(blank=True, max_length=255, verbose_name="error")),
                ("duration", models.FloatField(null=True, verbose_name="duration")),
                ("delivered_at", models.DateTimeField(null=True, verbose_name="delivered at")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="talk_calls.outboxevent",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="talk_calls.webhookendpoint",
                        verbose_name="webhook endpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
                "ordering": ["-pk"],
                "permissions": [("replay_webhookdelivery", "Can replay webhook deliveries")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "delivered"), _negated=True),
                        fields=["endpoint", "state", "queued_at"],
                        name="talk_webhook_delivery_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["conversation_id", "endpoint", "number"],
                        name="talk_webhook_delivery_pending",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation_id", "endpoint", "number"),
                        name="talk_webhook_delivery_number_unique",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookStream",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("conversation_id", models.BigIntegerField()),
                ("last_number", models.PositiveBigIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "claimed_until",
                    models.DateTimeField(
                        default=datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.UTC)
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="streams",
                        to="talk_calls.webhookendpoint",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["endpoint", "due_at"],
                        name="talk_webhook_stream_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation_id", "endpoint"), name="talk_webhook_stream_unique"
                    )
                ],
            },
        ),
    ]
