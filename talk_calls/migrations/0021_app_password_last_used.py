"""When app passwords were used last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the time; nobody knows that of earlier uses."""

    dependencies = [
        ("talk_calls", "0020_bans"),
    ]

    operations = [
        migrations.AddField(
            model_name="apppassword",
            name="last_used_at",
            field=models.DateTimeField(
                editable=False, help_text="To the hour; empty if it was never used.", null=True
            ),
        ),
    ]
