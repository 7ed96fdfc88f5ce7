"""Conversations keep what clients set about a chat, and take longer descriptions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0018_react"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="mention_permissions",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Everyone"), (1, "Moderators")],
                db_default=0,
                default=0,
                editable=False,
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="message_expiration",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="In seconds; 0 for never.",
            ),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="description",
            field=models.TextField(blank=True, max_length=2000),
        ),
    ]
