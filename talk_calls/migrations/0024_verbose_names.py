"""The names of models and fields that operators read, for translation; no SQL."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0023_audit_entries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="apppassword",
            options={
                "permissions": [("revoke_apppassword", "Can revoke app passwords")],
                "verbose_name": "app password",
                "verbose_name_plural": "app passwords",
            },
        ),
        migrations.AlterModelOptions(
            name="attendee",
            options={
                "permissions": [
                    ("promote_attendee", "Can promote and demote attendees"),
                    ("remove_attendee", "Can remove attendees"),
                ],
                "verbose_name": "attendee",
                "verbose_name_plural": "attendees",
            },
        ),
        migrations.AlterModelOptions(
            name="ban",
            options={
                "permissions": [
                    ("ban_attendee", "Can ban people from conversations and lift bans")
                ],
                "verbose_name": "ban",
                "verbose_name_plural": "bans",
            },
        ),
        migrations.AlterModelOptions(
            name="call",
            options={
                "ordering": ["-started_at", "-pk"],
                "permissions": [("end_call", "Can end calls")],
                "verbose_name": "call",
                "verbose_name_plural": "calls",
            },
        ),
        migrations.AlterModelOptions(
            name="conversation",
            options={
                "permissions": [
                    ("lock_conversation", "Can lock and unlock conversations"),
                    ("lobby_conversation", "Can raise and lower lobbies"),
                ],
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
            },
        ),
        migrations.AlterModelOptions(
            name="livecall",
            options={
                "default_permissions": (),
                "verbose_name": "live call",
                "verbose_name_plural": "live calls",
            },
        ),
        migrations.AlterModelOptions(
            name="session",
            options={
                "permissions": [("remove_session", "Can remove sessions")],
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
            },
        ),
        migrations.AlterField(
            model_name="apppassword",
            name="name",
            field=models.CharField(
                help_text="The client it is for.", max_length=100, verbose_name="name"
            ),
        ),
        migrations.AlterField(
            model_name="apppassword",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="talk_app_passwords",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AlterField(
            model_name="attendee",
            name="actor_id",
            field=models.CharField(
                blank=True,
                help_text="Empty for users: the user row is their identity.",
                max_length=255,
                verbose_name="actor id",
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
                verbose_name="actor type",
            ),
        ),
        migrations.AlterField(
            model_name="attendee",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attendees",
                to="talk_calls.conversation",
                verbose_name="conversation",
            ),
        ),
        migrations.AlterField(
            model_name="attendee",
            name="display_name",
            field=models.CharField(blank=True, max_length=255, verbose_name="display name"),
        ),
        migrations.AlterField(
            model_name="attendee",
            name="participant_type",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "Owner"),
                    (2, "Moderator"),
                    (3, "User"),
                    (4, "Guest"),
                    (5, "User following a public link"),
                    (6, "Guest with moderator permissions"),
                ],
                default=3,
                verbose_name="participant type",
            ),
        ),
        migrations.AlterField(
            model_name="attendee",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="talk_attendees",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="actor_name",
            field=models.CharField(blank=True, max_length=255, verbose_name="actor name"),
        ),
        migrations.AlterField(
            model_name="ban",
            name="actor_id",
            field=models.CharField(
                blank=True,
                help_text="Empty for users: the user row is their identity.",
                max_length=255,
                verbose_name="actor id",
            ),
        ),
        migrations.AlterField(
            model_name="ban",
            name="actor_type",
            field=models.CharField(
                choices=[
                    ("users", "User"),
                    ("guests", "Guest"),
                    ("emails", "E-mail invitee"),
                    ("ips", "Address"),
                ],
                max_length=20,
                verbose_name="actor type",
            ),
        ),
        migrations.AlterField(
            model_name="ban",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="bans",
                to="talk_calls.conversation",
                verbose_name="conversation",
            ),
        ),
        migrations.AlterField(
            model_name="ban",
            name="internal_note",
            field=models.TextField(
                blank=True,
                help_text="Only moderators see it.",
                max_length=4000,
                verbose_name="internal note",
            ),
        ),
        migrations.AlterField(
            model_name="ban",
            name="shown_note",
            field=models.TextField(
                blank=True,
                help_text="Whoever is banned sees it.",
                max_length=1000,
                verbose_name="shown note",
            ),
        ),
        migrations.AlterField(
            model_name="call",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                help_text="Empty once the conversation is deleted; history stays.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="calls",
                to="talk_calls.conversation",
                verbose_name="conversation",
            ),
        ),
        migrations.AlterField(
            model_name="call",
            name="started_at",
            field=models.DateTimeField(verbose_name="started at"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="description",
            field=models.TextField(blank=True, max_length=2000, verbose_name="description"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="listable",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Participants only"), (1, "Regular users"), (2, "Every account")],
                default=0,
                verbose_name="listable",
            ),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="name",
            field=models.CharField(blank=True, max_length=255, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="token",
            field=models.CharField(max_length=30, verbose_name="token"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="type",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "One-to-one"), (2, "Group"), (3, "Public"), (5, "Former one-to-one")],
                verbose_name="type",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="attendee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sessions",
                to="talk_calls.attendee",
                verbose_name="attendee",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="sessions",
                to="talk_calls.conversation",
                verbose_name="conversation",
            ),
        ),
    ]
