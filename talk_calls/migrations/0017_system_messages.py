"""What happened in conversations and their calls is stored as messages for clients."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0016_ended_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="SystemMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call_started", "Call started"),
                            ("call_joined", "Call joined"),
                            ("call_left", "Call left"),
                            ("call_ended", "Call ended"),
                            ("call_ended_everyone", "Call ended for everyone"),
                            ("call_missed", "Call missed"),
                            ("conversation_created", "Conversation created"),
                            ("conversation_renamed", "Conversation renamed"),
                            ("description_set", "Description set"),
                            ("description_removed", "Description removed"),
                            ("password_set", "Password set"),
                            ("password_removed", "Password removed"),
                            ("guests_allowed", "Guests allowed"),
                            ("guests_disallowed", "Guests disallowed"),
                            ("read_only", "Locked"),
                            ("read_only_off", "Unlocked"),
                            ("listable_none", "Listed for participants only"),
                            ("listable_users", "Listed for regular users"),
                            ("listable_all", "Listed for every account"),
                            ("lobby_none", "Lobby opened"),
                            ("lobby_non_moderators", "Lobby for non-moderators"),
                            ("lobby_timer_reached", "Lobby opened by its timer"),
                            ("user_added", "User added"),
                            ("user_removed", "User removed"),
                            ("group_added", "Group added"),
                            ("group_removed", "Group removed"),
                            ("moderator_promoted", "Moderator promoted"),
                            ("moderator_demoted", "Moderator demoted"),
                            ("guest_moderator_promoted", "Guest moderator promoted"),
                            ("guest_moderator_demoted", "Guest moderator demoted"),
                        ],
                        max_length=40,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "actor_type",
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
                ("actor_id", models.CharField(blank=True, max_length=255)),
                ("display_name", models.CharField(blank=True, max_length=255)),
                (
                    "details",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Whom it concerns, the new name, or how a call was.",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="system_messages",
                        to="talk_calls.conversation",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["conversation", "id"], name="talk_message_by_id")],
            },
        ),
    ]
