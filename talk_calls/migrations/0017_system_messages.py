"""What happened in conversations is stored as messages; those of past calls are made of the record.

A batch of calls, oldest first, takes a query for its calls and one for their legs, and an INSERT
for every thousand messages. Calls of a conversation follow each other, so its ids grow with time.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ONE_TO_ONE_TYPES = (1, 5)
FOR_EVERYBODY = ("ended_for_all", "read_only", "lobby", "max_duration")
CALLS, MESSAGES, MOST_NAMED = 500, 1000, 5
NOBODY = ("", "", "")


def tell_past_calls(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the messages of all calls of conversations that still exist."""
    alias = schema_editor.connection.alias
    of = {
        name: apps.get_model("talk_calls", name).objects.using(alias)
        for name in ("Call", "CallLeg", "SystemMessage")
    }
    row = apps.get_model("talk_calls", "SystemMessage")
    calls = of["Call"].filter(conversation__isnull=False).order_by("started_at", "pk")
    keys = list(calls.values_list("pk", flat=True))
    for start in range(0, len(keys), CALLS):
        batch = keys[start : start + CALLS]
        legs: dict[int, list[Any]] = defaultdict(list)
        for leg in of["CallLeg"].filter(call__in=batch).order_by("joined_at", "pk"):
            legs[leg.call_id].append(leg)
        of["SystemMessage"].bulk_create(
            (
                row(
                    conversation_id=call.conversation_id,
                    kind=kind,
                    at=at,
                    actor_type=actor[0],
                    actor_id=actor[1],
                    display_name=actor[2],
                    details=details,
                )
                for call in calls.filter(pk__in=batch).select_related("conversation")
                for at, kind, actor, details in _messages(call, legs[call.pk])
            ),
            batch_size=MESSAGES,
        )


def _messages(call: Any, legs: list[Any]) -> list[tuple[Any, str, tuple[str, str, str], Any]]:
    """Return time, kind, actor and details of the messages of a call, in order of time."""
    return sorted(_unordered(call, legs), key=lambda message: message[0])


def _unordered(call: Any, legs: list[Any]) -> Iterator[tuple[Any, str, tuple[str, str, str], Any]]:
    yield call.started_at, "call_started", _actor(legs[0]) if legs else NOBODY, {}
    for leg in legs[1:]:
        yield leg.joined_at, "call_joined", _actor(leg), {}
    for leg in legs:
        went_with_all = leg.reason == call.end_reason and leg.reason in FOR_EVERYBODY
        if leg.left_at and not went_with_all:
            yield leg.left_at, "call_left", _actor(leg), {}
    if call.ended_at:
        yield _end(call, legs)


def _end(call: Any, legs: list[Any]) -> tuple[Any, str, tuple[str, str, str], Any]:
    names: dict[tuple[str, str], str] = {}
    for leg in legs:
        key = (leg.actor_type, leg.actor_id)
        names[key] = max(names.get(key, ""), leg.display_name)
    if call.conversation.type in ONE_TO_ONE_TYPES and len(names) == 1:
        ((key, name),) = names.items()
        return call.ended_at, "call_missed", (*key, name), {}
    users = [{"type": t, "id": i, "name": name} for (t, i), name in names.items() if t == "users"]
    details = {
        "duration": int((call.ended_at - call.started_at).total_seconds()),
        "people": users[:MOST_NAMED],
        "users": len(users),
        "guests": len(names) - len(users),
    }
    by = (call.ended_by_type, call.ended_by_id, call.ended_by_name)
    is_for_everybody = call.end_reason in FOR_EVERYBODY and call.ended_by_type
    kind = "call_ended_everyone" if is_for_everybody else "call_ended"
    return call.ended_at, kind, by, details


def _actor(leg: Any) -> tuple[str, str, str]:
    return leg.actor_type, leg.actor_id, leg.display_name


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0016_ended_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="SystemMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call_started", "Call started"),
                            ("call_joined", "Call joined"),
                            ("call_left", "Call left"),
                            ("call_ended", "Call ended"),
                            ("call_ended_everyone", "Call ended for everyone"),
                            ("call_missed", "Call missed"),
                            ("conversation_created", "Conversation created"),
                            ("conversation_renamed", "Conversation renamed"),
                            ("description_set", "Description set"),
                            ("description_removed", "Description removed"),
                            ("password_set", "Password set"),
                            ("password_removed", "Password removed"),
                            ("guests_allowed", "Guests allowed"),
                            ("guests_disallowed", "Guests disallowed"),
                            ("read_only", "Locked"),
                            ("read_only_off", "Unlocked"),
                            ("listable_none", "Listed for participants only"),
                            ("listable_users", "Listed for regular users"),
                            ("listable_all", "Listed for every account"),
                            ("lobby_none", "Lobby opened"),
                            ("lobby_non_moderators", "Lobby for non-moderators"),
                            ("lobby_timer_reached", "Lobby opened by its timer"),
                            ("user_added", "User added"),
                            ("user_removed", "User removed"),
                            ("group_added", "Group added"),
                            ("group_removed", "Group removed"),
                            ("moderator_promoted", "Moderator promoted"),
                            ("moderator_demoted", "Moderator demoted"),
                            ("guest_moderator_promoted", "Guest moderator promoted"),
                            ("guest_moderator_demoted", "Guest moderator demoted"),
                        ],
                        max_length=40,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "actor_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("users", "User"),
                            ("guests", "Guest"),
                            ("emails", "E-mail invitee"),
                            ("groups", "Group"),
                        ],
                        max_length=20,
                    ),
                ),
                ("actor_id", models.CharField(blank=True, max_length=255)),
                ("display_name", models.CharField(blank=True, max_length=255)),
                (
                    "details",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Whom it concerns, the new name, or how a call was.",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="system_messages",
                        to="talk_calls.conversation",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["conversation", "id"], name="talk_message_by_id")],
            },
        ),
        migrations.RunPython(tell_past_calls, migrations.RunPython.noop),
    ]
