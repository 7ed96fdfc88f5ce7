"""What people may do in calls: of one attendee, of a call, of a conversation. No index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0003_ping_in_place"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendee",
            name="permissions",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Own permissions; 0 takes those of the call."
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="call_permissions",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="While this call lasts; 0 takes the conversation's."
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="default_permissions",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Of attendees; 0 takes those of the site."
            ),
        ),
    ]
