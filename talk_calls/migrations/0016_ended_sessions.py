"""Why sessions ended is kept for a while, by a digest of their window."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0015_hpb_repeats"),
    ]

    operations = [
        migrations.CreateModel(
            name="EndedSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("window", models.CharField(max_length=32, unique=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("logged_out", "Logged out"),
                            ("login_expired", "The login expired"),
                            ("account_disabled", "The account was deactivated or deleted"),
                            ("replaced", "Joined from elsewhere"),
                            ("removed", "Removed from the conversation"),
                            ("deleted", "The conversation was deleted"),
                            ("timed_out", "Stopped pinging"),
                            ("left", "Left by itself, which is not told"),
                        ],
                        max_length=20,
                    ),
                ),
                ("ended_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="session",
            name="window",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=32
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["window"], name="talk_session_window"),
        ),
    ]
