"""What operators look at and may do: a page of live calls, and a permission for each deed.

The index of ``ended_at`` finds the calls of a period, whenever they began; it is written once when
a call starts and once when it ends.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0008_signaling"),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveCall",
            fields=[],
            options={
                "verbose_name": "live call",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("talk_calls.call",),
        ),
        migrations.AlterModelOptions(
            name="apppassword",
            options={"permissions": [("revoke_apppassword", "Can revoke app passwords")]},
        ),
        migrations.AlterModelOptions(
            name="attendee",
            options={
                "permissions": [
                    ("promote_attendee", "Can promote and demote attendees"),
                    ("remove_attendee", "Can remove attendees"),
                ]
            },
        ),
        migrations.AlterModelOptions(
            name="call",
            options={
                "ordering": ["-started_at", "-pk"],
                "permissions": [("end_call", "Can end calls")],
            },
        ),
        migrations.AlterModelOptions(
            name="conversation",
            options={
                "permissions": [
                    ("lock_conversation", "Can lock and unlock conversations"),
                    ("lobby_conversation", "Can raise and lower lobbies"),
                ]
            },
        ),
        migrations.AlterModelOptions(
            name="session",
            options={"permissions": [("remove_session", "Can remove sessions")]},
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["ended_at"], name="talk_call_ended"),
        ),
    ]
