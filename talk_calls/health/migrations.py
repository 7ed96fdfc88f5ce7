"""Checks that all migrations of the app are applied."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext_lazy as _

from talk_calls.db import transactions
from talk_calls.health.results import CheckContext, Result, error, ok

_APP = "talk_calls"


def run(context: CheckContext) -> list[Result]:
    """Look for migrations of this app that are not applied."""
    names = missing_migrations(transactions.connection(), app_label=_APP)
    missing = [name.removeprefix(f"{_APP}.") for name in names]
    if not missing:
        return [ok(_("All migrations are applied."))]
    message = _("{number} migrations are not applied: {names}.").format(
        number=len(missing), names=", ".join(missing)
    )
    return [error(message, _("Run manage.py migrate."))]


def missing_migrations(connection: BaseDatabaseWrapper, app_label: str = "") -> list[str]:
    """Return migrations that are not applied, such as ``talk_calls.0001_initial``, in their order.

    With ``app_label`` those of that app, and what they depend on.
    """
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if app_label in {"", node[0]}]
    return [f"{each.app_label}.{each.name}" for each, _ in executor.migration_plan(latest)]
