"""Reacting takes a permission, which whoever may chat gets; nobody needed one before.

So a level that allowed everything still does, and one that allowed nothing still does not.
"""

from collections.abc import Iterator

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, QuerySet

CHAT, REACT = 128, 256

LEVELS = {
    "Attendee": ("permissions",),
    "Conversation": ("default_permissions", "call_permissions"),
}


def let_react(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the permission to those who may chat."""
    for rows, field in _levels(apps, schema_editor):
        with_chat = rows.exclude(**{field: 0}).alias(chat=F(field).bitand(CHAT)).exclude(chat=0)
        with_chat.update(**{field: F(field).bitor(REACT)})


def forget_reactions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the permission away, which the code before this does not know."""
    for rows, field in _levels(apps, schema_editor):
        rows.filter(**{f"{field}__gte": REACT}).update(**{field: F(field).bitand(REACT - 1)})


def _levels(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> Iterator[tuple[QuerySet, str]]:
    for name, fields in LEVELS.items():
        for field in fields:
            rows = apps.get_model("talk_calls", name).objects
            yield rows.using(schema_editor.connection.alias), field


class Migration(migrations.Migration):
    dependencies = [
        ("talk_calls", "0017_system_messages"),
    ]

    operations = [
        migrations.RunPython(let_react, forget_reactions),
    ]
