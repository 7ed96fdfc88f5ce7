"""Who is banned from a conversation, and by which browser a guest is known."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0019_conversation_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="attendee",
            name="browser",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=32
            ),
        ),
        migrations.AlterField(
            model_name="endedsession",
            name="reason",
            field=models.CharField(
                choices=[
                    ("logged_out", "Logged out"),
                    ("login_expired", "The login expired"),
                    ("account_disabled", "The account was deactivated or deleted"),
                    ("replaced", "Joined from elsewhere"),
                    ("removed", "Removed from the conversation"),
                    ("banned", "Banned from the conversation"),
                    ("deleted", "The conversation was deleted"),
                    ("timed_out", "Stopped pinging"),
                    ("left", "Left by itself, which is not told"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Ban",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "actor_type",
                    models.CharField(
                        choices=[
                            ("users", "User"),
                            ("guests", "Guest"),
                            ("emails", "E-mail invitee"),
                            ("ips", "Address"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "actor_id",
                    models.CharField(
                        blank=True,
                        help_text="Empty for users: the user row is their identity.",
                        max_length=255,
                    ),
                ),
                ("browser", models.CharField(blank=True, editable=False, max_length=32)),
                ("display_name", models.CharField(blank=True, max_length=255)),
                (
                    "internal_note",
                    models.TextField(
                        blank=True, help_text="Only moderators see it.", max_length=4000
                    ),
                ),
                (
                    "shown_note",
                    models.TextField(
                        blank=True, help_text="Whoever is banned sees it.", max_length=1000
                    ),
                ),
                (
                    "moderator_type",
                    models.CharField(
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
                (
                    "moderator_id",
                    models.CharField(
                        blank=True, help_text="Who banned them; empty for the site.", max_length=255
                    ),
                ),
                ("moderator_name", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bans",
                        to="talk_calls.conversation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="talk_bans",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("ban_attendee", "Can ban people from conversations and lift bans")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)),
                        fields=("conversation", "user"),
                        name="talk_ban_user_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", True)),
                        fields=("conversation", "actor_type", "actor_id"),
                        name="talk_ban_actor_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("actor_id", ""), ("actor_type", "users"), ("user__isnull", False)
                            ),
                            models.Q(
                                models.Q(("actor_type", "users"), _negated=True),
                                ("user__isnull", True),
                                models.Q(("actor_id", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="talk_ban_user_is_identity",
                    ),
                ],
            },
        ),
    ]
