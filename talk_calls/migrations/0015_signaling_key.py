"""The key that signs tokens for clients of signaling servers; a table of one row at most."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0012_signaling_server"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignalingKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("private_key", models.TextField(editable=False, help_text="PEM, encrypted.")),
                ("used_from", models.DateTimeField(editable=False)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="talk_one_key")
                ],
            },
        ),
    ]
