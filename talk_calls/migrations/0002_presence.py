"""What presence and history keep beside it, and why each index exists.

=========================  ========================================================================
``talk_call_history``      the calls of a conversation, the last one first: what a new call resumes;
                           stands in for the plain index on the conversation
``call.resumes``           unlinking a call that is deleted
``pendingevent.conversation_id``  the events of a conversation that are not told yet
=========================  ========================================================================

``session.moved_at`` is written with the flags, which are in a partial index anyway.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PendingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("conversation_id", models.BigIntegerField(db_index=True)),
                ("kind", models.CharField(max_length=40)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="call",
            name="ended_by_id",
            field=models.CharField(
                blank=True, help_text="Who ended it; empty if people only vanished.", max_length=255
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="ended_by_name",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name="call",
            name="ended_by_type",
            field=models.CharField(
                blank=True, choices=[("users", "User"), ("guests", "Guest")], max_length=20
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="resumes",
            field=models.ForeignKey(
                blank=True,
                help_text="The call that ended up to 10 s before, as when a page is reloaded.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="resumed_by",
                to="talk_calls.call",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="moved_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        # On PostgreSQL, Django takes the partial unique index for the plain one that it drops here.
        migrations.RemoveConstraint(model_name="call", name="talk_call_one_open"),
        migrations.AlterField(
            model_name="call",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                help_text="Empty once the conversation is deleted; history stays.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="calls",
                to="talk_calls.conversation",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("conversation",),
                name="talk_call_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["conversation", "-ended_at"], name="talk_call_history"),
        ),
    ]
