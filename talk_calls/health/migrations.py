"""Checks that all migrations of the app are applied."""

from django.db.migrations.executor import MigrationExecutor

from talk_calls.db import transactions
from talk_calls.health.results import CheckContext, Result, error, ok


def run(context: CheckContext) -> list[Result]:
    """Look for migrations of this app that are not applied."""
    executor = MigrationExecutor(transactions.connection())
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "talk_calls"]
    missing = [migration.name for migration, _ in executor.migration_plan(latest)]
    if not missing:
        return [ok("All migrations are applied.")]
    message = f"{len(missing)} migrations are not applied: {', '.join(missing)}."
    return [error(message, "Run manage.py migrate.")]
