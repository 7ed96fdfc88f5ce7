"""The first tables, and why each index exists.

==================================  ================================================================
``talk_conversation_token_unique``   every request looks a conversation up by its token
``talk_conversation_pair_unique``    two users have one one-to-one, also when both create it at once
``attendee.conversation``            the participant list of a conversation, and its deletion
``attendee.user``                    the conversations of a user, and the deletion of an account
``talk_attendee_user_once``          "is this user in here": the look-up of nearly every request
``talk_attendee_actor_once``         one attendee per guest
``session.attendee``                 the sessions of an attendee: who acts, who is replaced
``session.conversation``             own and stale sessions under the lock; deletion
``talk_session_in_call``             who is in the call, however many are only online: the call list
``talk_session_id_unique``           session ids are unique across all conversations
``talk_call_one_open``               at most one open call; also finds it
``call.conversation``                the history of a conversation
``talk_call_newest``                 the admin's list of calls
``leg.call``, ``leg.user``           the legs of a call; unlinking a deleted account
``talk_leg_one_open_per_session``    one open leg per session; also finds it when the session leaves
``talk_app_password_digest_unique``  logging in with an app password
``app_password.user``                the app passwords of a user, and the deletion of an account
==================================  ================================================================

``session.last_ping`` is written every few seconds for every device and stands in no index, neither
as a column nor in a condition, so that PostgreSQL can update the row in place (HOT). Unique
constraints are used instead of ``unique=True``, which would add a second index for ``LIKE``.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=30)),
                (
                    "type",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "One-to-one"), (2, "Group"), (3, "Public")]
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=255)),
                ("description", models.TextField(blank=True, max_length=500)),
                (
                    "read_only",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Read-write"), (1, "Read-only")],
                        default=0,
                        verbose_name="locked",
                    ),
                ),
                (
                    "listable",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Participants only"),
                            (1, "Regular users"),
                            (2, "Every account"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "lobby_state",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "No lobby"), (1, "Lobby for non-moderators")], default=0
                    ),
                ),
                (
                    "lobby_timer",
                    models.DateTimeField(
                        blank=True, help_text="When the lobby falls by itself.", null=True
                    ),
                ),
                (
                    "password",
                    models.CharField(
                        blank=True, help_text="Hashed; empty for none.", max_length=128
                    ),
                ),
                (
                    "pair_key",
                    models.CharField(blank=True, editable=False, max_length=255, null=True),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_activity_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("token",), name="talk_conversation_token_unique"
                    ),
                    models.UniqueConstraint(
                        fields=("pair_key",), name="talk_conversation_pair_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("conversation_name", models.CharField(blank=True, max_length=255)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("left", "Left the call"),
                            ("room_left", "Left the conversation"),
                            ("replaced", "Joined from elsewhere"),
                            ("timeout", "Stopped pinging"),
                            ("removed", "Removed from the conversation"),
                            ("lobby", "Sent to the lobby"),
                            ("read_only", "The conversation was locked"),
                            ("permission", "Lost the right to take part"),
                            ("ended_for_all", "The call was ended for everyone"),
                            ("conversation_deleted", "The conversation was deleted"),
                            ("max_duration", "The call reached its maximum duration"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "flags",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="All flags that anybody joined with, or-ed."
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        help_text="Empty once the conversation is deleted; history stays.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="calls",
                        to="talk_calls.conversation",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Attendee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "actor_type",
                    models.CharField(
                        choices=[("users", "User"), ("guests", "Guest")],
                        default="users",
                        max_length=20,
                    ),
                ),
                (
                    "actor_id",
                    models.CharField(
                        blank=True,
                        help_text="Empty for users: the user row is their identity.",
                        max_length=255,
                    ),
                ),
                ("display_name", models.CharField(blank=True, max_length=255)),
                (
                    "participant_type",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Owner"),
                            (2, "Moderator"),
                            (3, "User"),
                            (4, "Guest"),
                            (5, "User following a public link"),
                            (6, "Guest with moderator permissions"),
                        ],
                        default=3,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="talk_attendees",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendees",
                        to="talk_calls.conversation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("session_id", models.CharField(max_length=512)),
                ("in_call", models.PositiveSmallIntegerField(default=0)),
                ("last_ping", models.DateTimeField(default=django.utils.timezone.now)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "attendee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="talk_calls.attendee",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="talk_calls.conversation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AppPassword",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="The client it is for.", max_length=100)),
                ("digest", models.CharField(editable=False, max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="talk_app_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("digest",), name="talk_app_password_digest_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CallLeg",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "session_key",
                    models.CharField(
                        help_text="The same for all legs of one session; not the session id.",
                        max_length=32,
                    ),
                ),
                (
                    "actor_type",
                    models.CharField(
                        choices=[("users", "User"), ("guests", "Guest")], max_length=20
                    ),
                ),
                (
                    "actor_id",
                    models.CharField(
                        help_text="As clients knew the actor at the time.", max_length=255
                    ),
                ),
                ("display_name", models.CharField(blank=True, max_length=255)),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("left", "Left the call"),
                            ("room_left", "Left the conversation"),
                            ("replaced", "Joined from elsewhere"),
                            ("timeout", "Stopped pinging"),
                            ("removed", "Removed from the conversation"),
                            ("lobby", "Sent to the lobby"),
                            ("read_only", "The conversation was locked"),
                            ("permission", "Lost the right to take part"),
                            ("ended_for_all", "The call was ended for everyone"),
                            ("conversation_deleted", "The conversation was deleted"),
                            ("max_duration", "The call reached its maximum duration"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "flags",
                    models.PositiveSmallIntegerField(help_text="All flags during this leg, or-ed."),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legs",
                        to="talk_calls.call",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="talk_call_legs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["joined_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at__isnull", True)),
                        fields=("session_key",),
                        name="talk_leg_one_open_per_session",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_at__isnull", True),
                            ("left_at__gte", models.F("joined_at")),
                            _connector="OR",
                        ),
                        name="talk_leg_leaves_after_join",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("left_at__isnull", True), ("reason", "")),
                            models.Q(
                                ("left_at__isnull", False), models.Q(("reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="talk_leg_end_has_reason",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["-started_at"], name="talk_call_newest"),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("conversation",),
                name="talk_call_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    ("ended_at__gte", models.F("started_at")),
                    _connector="OR",
                ),
                name="talk_call_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_reason", ""), ("ended_at__isnull", True)),
                    models.Q(
                        ("ended_at__isnull", False), models.Q(("end_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="talk_call_end_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", False), ("conversation__isnull", False), _connector="OR"
                ),
                name="talk_call_open_has_conversation",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendee",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("conversation", "user"),
                name="talk_attendee_user_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendee",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", True)),
                fields=("conversation", "actor_type", "actor_id"),
                name="talk_attendee_actor_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor_id", ""), ("actor_type", "users"), ("user__isnull", False)),
                    models.Q(
                        models.Q(("actor_type", "users"), _negated=True),
                        ("user__isnull", True),
                        models.Q(("actor_id", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="talk_attendee_user_is_identity",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("in_call__gt", 0)),
                fields=["conversation"],
                name="talk_session_in_call",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                fields=("session_id",), name="talk_session_id_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("in_call__lte", 15)), name="talk_session_flags_known"
            ),
        ),
    ]
