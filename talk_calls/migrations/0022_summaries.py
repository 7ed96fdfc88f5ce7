"""What was counted of days that are over; the sweeper fills the tables.

``db_index`` of the day is off because the constraint has an index that begins with it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0021_app_password_last_used"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DaySummary",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("start", models.BigIntegerField()),
                ("stop", models.BigIntegerField()),
                ("is_stale", models.BooleanField(default=False)),
                ("calls", models.PositiveIntegerField(default=0)),
                ("call_seconds", models.PositiveBigIntegerField(default=0)),
                ("people_seconds", models.PositiveBigIntegerField(default=0)),
                ("participants", models.PositiveIntegerField(default=0)),
                ("peak", models.PositiveIntegerField(default=0)),
                ("calls_ended", models.JSONField(default=dict)),
                ("legs_ended", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "summary of a day",
                "verbose_name_plural": "summaries of days",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PersonDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=300)),
                ("seconds", models.PositiveIntegerField()),
                (
                    "day",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="talk_calls.daysummary",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="talk_days_in_calls",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "day of a person",
                "verbose_name_plural": "days of people",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("day", "user"), name="talk_day_user_once")
                ],
            },
        ),
    ]
