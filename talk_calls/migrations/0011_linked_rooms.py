"""Conversations of objects of the host, and whom the start of a call was announced to.

Every new column has a default in the database, so that processes of the earlier release go on
writing while this one is deployed. The constraint's index finds the conversation of an object; it
is partial, as most conversations belong to none.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0010_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendee",
            name="by_host",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text=(
                    "Came in through an object of the site, which decides about role and "
                    "membership."
                ),
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="rung",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()), default=list, editable=False
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="silent",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="call",
            name="silent_for",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()), default=list, editable=False
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="linked_allows",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="conversation",
            name="linked_model",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=201
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="linked_pk",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=255
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("linked_model", ""), _negated=True),
                fields=("linked_model", "linked_pk"),
                name="talk_conversation_link_unique",
            ),
        ),
    ]
