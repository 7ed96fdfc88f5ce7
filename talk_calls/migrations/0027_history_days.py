"""Finding old messages, and days whose figures stay when their calls are deleted.

Writes of messages wait while PostgreSQL makes the index.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talk_calls", "0026_webhooks")]

    operations = [
        migrations.AddField(
            model_name="daysummary",
            name="is_final",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="systemmessage",
            index=models.Index(fields=["at"], name="talk_message_by_time"),
        ),
    ]
