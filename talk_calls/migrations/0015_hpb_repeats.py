"""What the HPB was told is told once more, in case that it was lost."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0014_signaling_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="hpbconversation",
            name="repeat_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="hpbconversation",
            name="repeats",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hpbsession",
            name="gone",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="hpbconversation",
            index=models.Index(
                condition=models.Q(("changes__lte", models.F("told"))),
                fields=["repeat_at"],
                name="talk_hpb_repeat",
            ),
        ),
    ]
