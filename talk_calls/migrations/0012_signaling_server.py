"""The signaling server that a call is on.

The column has a default in the database, so that processes of the earlier release go on writing
while this one is deployed.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0011_linked_rooms"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="signaling_server",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="The URL of the signaling server that it is on, if it is on one.",
                max_length=255,
            ),
        ),
    ]
