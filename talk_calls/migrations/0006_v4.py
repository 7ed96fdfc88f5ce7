"""What API v4 shows and asks: consent, objects, session state, groups and e-mail invitees.

``talk_attendee_group`` finds the conversations that follow a group when its members change. There
are few such rows, so the index is partial. ``modified_at`` is compared within the rows of one user,
whose index is there, and needs none. A session goes with its attendee, so the conversation need not
look for it.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0005_own_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="attendee",
            name="by_group",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Came in with a group, and goes when it leaves that group.",
            ),
        ),
        migrations.AddField(
            model_name="attendee",
            name="mailed_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When an e-mail invitee last got the link.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="attendee",
            name="modified_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="attendee",
            name="notification_calls",
            field=models.BooleanField(
                default=True, help_text="Whether calls are announced to this attendee."
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="object_id",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="conversation",
            name="object_type",
            field=models.CharField(
                blank=True, help_text="What the conversation belongs to.", max_length=64
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="recording_consent",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Not needed"), (1, "Needed")],
                default=0,
                help_text="Counts where the site leaves it to moderators.",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="state",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Inactive"), (1, "Active")], default=1
            ),
        ),
        migrations.AlterField(
            model_name="attendee",
            name="actor_type",
            field=models.CharField(
                choices=[
                    ("users", "User"),
                    ("guests", "Guest"),
                    ("emails", "E-mail invitee"),
                    ("groups", "Group"),
                ],
                default="users",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="call",
            name="ended_by_type",
            field=models.CharField(
                blank=True,
                choices=[
                    ("users", "User"),
                    ("guests", "Guest"),
                    ("emails", "E-mail invitee"),
                    ("groups", "Group"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="callleg",
            name="actor_type",
            field=models.CharField(
                choices=[
                    ("users", "User"),
                    ("guests", "Guest"),
                    ("emails", "E-mail invitee"),
                    ("groups", "Group"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="sessions",
                to="talk_calls.conversation",
            ),
        ),
        migrations.AddIndex(
            model_name="attendee",
            index=models.Index(
                condition=models.Q(("actor_type", "groups")),
                fields=["actor_id"],
                name="talk_attendee_group",
            ),
        ),
    ]
