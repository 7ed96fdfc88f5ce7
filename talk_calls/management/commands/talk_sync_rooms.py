"""Bring the rooms of the site's objects up to date."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.db.models import Model

from talk_calls.management.base import INTERRUPTED, OperatorCommand, failure
from talk_calls.management.progress import Progress
from talk_calls.management.tables import table
from talk_calls.management.texts import lazy as _
from talk_calls.rooms import registry
from talk_calls.rooms.synchronization import sync_all

_HEADINGS = (_("Model"), _("Created"), _("Changed"), _("Unchanged"), _("Removed"))


class Command(OperatorCommand):
    """``manage.py talk_sync_rooms projects.Project``."""

    help = _(
        "Make the conversations of objects that the site registered, and bring their names, "
        "members and roles up to date. For objects that were there before, and after bulk changes, "
        "of which no signal tells. May run at any time and be stopped."
    )
    exit_codes = OperatorCommand.exit_codes | {
        1: _("failed; what was done before stays"),
        INTERRUPTED: _("stopped by Ctrl-C; what was done before stays"),
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "models", nargs="*", metavar="APP.MODEL", help=_("only these registered models")
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, models: list[str], **options: Any) -> None:
        chosen = [_model(label) for label in models] or None
        results = sync_all(chosen, progress=Progress(self.stderr))
        facts = [{"model": label, **asdict(counts)} for label, counts in results.items()]
        self.answer(
            facts,
            table(_HEADINGS, [list(each.values()) for each in facts])
            or [_("No model is registered for conversations.")],
        )


def _model(label: str) -> type[Model]:
    """Return a registered model; raises ``CommandError``."""
    known = {each.model._meta.label_lower: each.model for each in registry.every()}
    found = known.get(label.lower())
    if found is None:
        names = ", ".join(model._meta.label for model in known.values())
        raise failure(
            _("No conversations are registered for {label!r}.").format(label=label),
            _("Registered: {names}.").format(names=names or _("none")),
        )
    return found
