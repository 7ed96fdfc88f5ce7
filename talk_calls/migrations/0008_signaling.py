"""Mailboxes of internal signaling, and what each session has seen of the others.

The index of ``recipient`` is how a poll finds its messages, that of ``sent_at`` how the expired
ones are cleared away. ``answer`` stands in no index, so that noting a delivery is a HOT update. The
new columns have database defaults: old processes go on inserting while the new ones start.
"""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0007_login_flows"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignalingMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recipient", models.BigIntegerField(db_index=True)),
                ("text", models.TextField(help_text="A JSON object, with the sender in it.")),
                ("answer", models.PositiveIntegerField(null=True)),
                ("sent_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name="conversation",
            name="roster",
            field=models.BigIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="session",
            name="answers",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="session",
            name="seen_roster",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
