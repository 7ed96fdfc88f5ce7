"""Logins that users granted to apps, for the twenty minutes that a login may take.

The unique digest is how an app's question is answered several times a second, and what makes one
of two grants of the same login win. The index of ``started_at`` serves the clearing away: each
grant deletes what is too old, so the table holds no more than what logged-in users granted lately.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0006_v4"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LoginFlow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("client_name", models.CharField(max_length=100)),
                ("started_at", models.DateTimeField(db_index=True)),
                ("granted_at", models.DateTimeField()),
                ("redeemed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["digest"], name="talk_login_flow_digest_unique"
                    ),
                ],
            },
        ),
    ]
