"""Checks of the app's database, and of the routers of a site with several."""

from collections import defaultdict
from collections.abc import Sequence

from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model
from django.core import checks
from django.db import router

from talk_calls.db import transactions

#: The databases, by Django's ``vendor``, whose constraints, locks and isolation the app knows.
_VENDORS = frozenset({"postgresql", "sqlite"})


def check_vendor(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that the app's database is one that it can use; it is not connected to."""
    connection = transactions.connection()
    if connection.vendor in _VENDORS:
        return []
    return [
        checks.Error(
            f"The database {connection.alias!r} is {connection.display_name}, "
            "which talk_calls cannot use.",
            hint=(
                "Take PostgreSQL 15 or newer, or SQLite for a small site. Rules such as one open "
                "call per conversation are constraints with conditions, which others do not have."
            ),
            id="talk_calls.E015",
        )
    ]


def check_routers(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that all rows of the app are in one database, and those of its users too.

    Only where the routers write is asked. Routers may read elsewhere: the app does not follow them.
    """
    by_alias: dict[str, list[str]] = defaultdict(list)
    for model in apps.get_app_config("talk_calls").get_models():
        by_alias[router.db_for_write(model)].append(model.__name__)
    if len(by_alias) > 1:
        return [_is_split(by_alias)]
    users = get_user_model()
    alias = router.db_for_write(users)
    if alias != transactions.alias():
        return [_is_apart_from_users(users._meta.label, alias)]
    return []


def _is_split(by_alias: dict[str, list[str]]) -> checks.CheckMessage:
    places = "; ".join(f"{alias!r}: {', '.join(by_alias[alias])}" for alias in sorted(by_alias))
    return checks.Error(
        f"DATABASE_ROUTERS split talk_calls over several databases ({places}).",
        hint=(
            "Let db_for_write return the same database for every model of talk_calls: "
            "a change of a call is one transaction."
        ),
        id="talk_calls.E008",
    )


def _is_apart_from_users(label: str, alias: str) -> checks.CheckMessage:
    return checks.Error(
        f"DATABASE_ROUTERS put talk_calls in {transactions.alias()!r} and {label} in {alias!r}.",
        hint=(
            "Let db_for_write return the same database for both: "
            "foreign keys to users cannot lead to another database."
        ),
        id="talk_calls.E009",
    )
