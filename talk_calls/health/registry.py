"""All health checks, in the order in which they run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from talk_calls.health import (
    cache,
    call_records,
    client_address,
    clocks,
    expired_rows,
    groups,
    migrations,
    server,
    settings,
    signaling,
    stun,
    timed_out_calls,
    turn,
    user_ids,
    wakeup,
    webhooks,
)
from talk_calls.health.results import CheckContext, Result, error

Check = Callable[[CheckContext], list[Result]]

CHECKS: Mapping[str, Check] = {
    "migrations": migrations.run,
    "settings": settings.run,
    "user_ids": user_ids.run,
    "groups": groups.run,
    "clocks": clocks.run,
    "call_records": call_records.run,
    "timed_out_calls": timed_out_calls.run,
    "expired_rows": expired_rows.run,
    "webhooks": webhooks.run,
    "wakeup": wakeup.run,
    "cache": cache.run,
    "server": server.run,
    "client_address": client_address.run,
    "signaling": signaling.run,
    "stun": stun.run,
    "turn": turn.run,
}

_HINT = _("If the database cannot be reached or lacks tables, fix that first.")


def run_checks(
    checks: Mapping[str, Check], make_context: Callable[[], CheckContext]
) -> Iterator[list[Result]]:
    """Run checks one after the other, and yield the results of each; they are never empty.

    A check that raises yields an error instead. ``make_context`` is called before each check, since
    reading the time needs the database, which may be unreachable.
    """
    for name, check in checks.items():
        try:
            results = check(make_context())
        except Exception as exception:  # noqa: BLE001 -- the other checks run in any case
            # Leave out the exception's text: it may quote an address with a password in it.
            results = [
                error(
                    _("The check itself failed: {error}.").format(error=type(exception).__name__),
                    _HINT,
                )
            ]
        yield [replace(result, check=name) for result in results]
