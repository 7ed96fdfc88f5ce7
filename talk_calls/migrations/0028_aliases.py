"""What accounts were called before they were changed, from now on; earlier names nobody knows."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0027_history_days"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
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
                    ("person_erased", "Person erased"),
                    ("signaling_key_rotated", "Signaling key rotated"),
                    ("endpoint_created", "Webhook endpoint created"),
                    ("endpoint_changed", "Webhook endpoint changed"),
                    ("endpoint_deleted", "Webhook endpoint deleted"),
                    ("secret_rotated", "Webhook secret rotated"),
                    ("events_replayed", "Webhook events sent again"),
                ],
                max_length=40,
                verbose_name="action",
            ),
        ),
        migrations.CreateModel(
            name="Alias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("value", models.CharField(max_length=255)),
                ("until", models.DateTimeField(default=django.utils.timezone.now)),
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
                "default_permissions": (),
                "indexes": [models.Index(fields=["kind", "value"], name="talk_alias_by_value")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "kind", "value"), name="talk_alias_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "pseudonym")),
                        fields=("user",),
                        name="talk_alias_one_pseudonym",
                    ),
                ],
            },
        ),
    ]
