"""Do the tables fit the code?"""

from django.db.migrations.executor import MigrationExecutor

from talk_calls.db import transactions
from talk_calls.doctor.findings import Finding, Visit, error, well


def examine(visit: Visit) -> list[Finding]:
    """Look for migrations of ours that were not applied."""
    executor = MigrationExecutor(transactions.connection())
    ours = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "talk_calls"]
    missing = [migration.name for migration, _ in executor.migration_plan(ours)]
    if not missing:
        return [well("All migrations are applied.")]
    says = f"{len(missing)} migrations are not applied: {', '.join(missing)}."
    return [error(says, "Run manage.py migrate.")]
