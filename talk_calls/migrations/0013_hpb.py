"""What the High-performance Backend was last told."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0012_signaling_server"),
    ]

    operations = [
        migrations.CreateModel(
            name="HPBSession",
            fields=[
                ("session", models.BigIntegerField(primary_key=True, serialize=False)),
                ("conversation", models.BigIntegerField(db_index=True)),
                ("session_id", models.CharField(max_length=512)),
                ("in_call", models.PositiveSmallIntegerField(default=0)),
                ("description", models.CharField(max_length=32)),
                ("connected_at", models.DateTimeField()),
                ("left", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HPBConversation",
            fields=[
                ("conversation", models.BigIntegerField(primary_key=True, serialize=False)),
                ("token", models.CharField(max_length=30)),
                ("changes", models.BigIntegerField(default=1)),
                ("told", models.BigIntegerField(default=0)),
                ("roster", models.BigIntegerField(default=0)),
                (
                    "lease_until",
                    models.DateTimeField(
                        default=datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.UTC)
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("server", models.CharField(blank=True, default="", max_length=255)),
                ("properties", models.CharField(blank=True, default="", max_length=32)),
                ("user_ids", models.JSONField(default=list)),
                ("attendees", models.CharField(blank=True, default="", max_length=60)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("changes__gt", models.F("told"))),
                        fields=["lease_until"],
                        name="talk_hpb_pending",
                    )
                ],
            },
        ),
    ]
