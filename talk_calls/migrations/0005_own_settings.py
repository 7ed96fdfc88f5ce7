"""What users say about a conversation for themselves: favourite, notification level. No index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0004_permissions"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendee",
            name="is_favorite",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="attendee",
            name="notification_level",
            field=models.PositiveSmallIntegerField(
                blank=True,
                choices=[(1, "Always"), (2, "On mention"), (3, "Never")],
                help_text="Empty for the usual one.",
                null=True,
            ),
        ),
    ]
