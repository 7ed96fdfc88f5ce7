"""Who moderated what, from where and why: the audit trail."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0022_summaries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="time")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("conversation_created", "Conversation created"),
                            ("conversation_deleted", "Conversation deleted"),
                            ("renamed", "Renamed"),
                            ("description_changed", "Description changed"),
                            ("password_set", "Password set"),
                            ("password_removed", "Password removed"),
                            ("made_public", "Opened to guests"),
                            ("made_private", "Closed to guests"),
                            ("locked", "Conversation locked"),
                            ("unlocked", "Conversation unlocked"),
                            ("listing_changed", "Changed who finds it"),
                            ("lobby_raised", "Lobby raised"),
                            ("lobby_lowered", "Lobby lowered"),
                            ("permissions_changed", "Permissions changed"),
                            ("consent_changed", "Consent to recording changed"),
                            ("mentions_changed", "Changed who may mention everybody"),
                            ("expiration_changed", "Expiration of messages changed"),
                            ("attendee_added", "Attendee added"),
                            ("attendee_removed", "Attendee removed"),
                            ("promoted", "Made a moderator"),
                            ("demoted", "No moderator any more"),
                            ("owner_set", "Made the owner"),
                            ("banned", "Banned from the conversation"),
                            ("ban_lifted", "Ban lifted"),
                            ("session_removed", "Device disconnected"),
                            ("call_ended", "Call ended for everybody"),
                            ("app_password_created", "App password created"),
                            ("app_password_revoked", "App password revoked"),
                            ("signaling_key_rotated", "Signaling key rotated"),
                        ],
                        max_length=40,
                        verbose_name="action",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("api", "App or call page"),
                            ("account", "Account page"),
                            ("admin", "Admin"),
                            ("command", "Command"),
                            ("host", "Site"),
                        ],
                        max_length=10,
                        verbose_name="source",
                    ),
                ),
                ("conversation_pk", models.BigIntegerField(blank=True, null=True)),
                ("conversation_token", models.CharField(blank=True, max_length=30)),
                ("conversation_name", models.CharField(blank=True, max_length=255)),
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
                ("actor_name", models.CharField(blank=True, max_length=255)),
                (
                    "target_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("users", "User"),
                            ("guests", "Guest"),
                            ("emails", "E-mail invitee"),
                            ("groups", "Group"),
                            ("ips", "Address"),
                        ],
                        max_length=20,
                    ),
                ),
                ("target_id", models.CharField(blank=True, max_length=255)),
                ("target_name", models.CharField(blank=True, max_length=255)),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("details", models.JSONField(blank=True, default=dict)),
                (
                    "actor_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "ordering": ["-at", "-pk"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["at", "id"], name="talk_audit_by_time"),
                    models.Index(
                        fields=["conversation_pk", "at"], name="talk_audit_of_conversation"
                    ),
                ],
            },
        ),
    ]
