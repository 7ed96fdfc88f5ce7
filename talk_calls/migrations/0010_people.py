"""A one-to-one whose other user is gone becomes a former one-to-one, which is locked.

Such conversations are those without a pair key: it was removed with the account. The name of the
account was not kept.
"""

from django.db import migrations, models

ONE_TO_ONE, FORMER_ONE_TO_ONE, READ_ONLY = 1, 5, 1


def lock_former(apps, schema_editor):
    """Make former ones of all that were left behind."""
    conversations = apps.get_model("talk_calls", "Conversation").objects
    left = conversations.using(schema_editor.connection.alias).filter(
        type=ONE_TO_ONE, pair_key=None
    )
    left.update(type=FORMER_ONE_TO_ONE, read_only=READ_ONLY)


def unlock_former(apps, schema_editor):
    """Give former ones the type that the code before this knows."""
    conversations = apps.get_model("talk_calls", "Conversation").objects
    former = conversations.using(schema_editor.connection.alias).filter(type=FORMER_ONE_TO_ONE)
    former.update(type=ONE_TO_ONE)


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0009_operators"),
    ]

    operations = [
        migrations.AlterField(
            model_name="conversation",
            name="type",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "One-to-one"),
                    (2, "Group"),
                    (3, "Public"),
                    (5, "Former one-to-one"),
                ]
            ),
        ),
        migrations.RunPython(lock_former, unlock_former),
    ]
