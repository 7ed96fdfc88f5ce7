"""Checks that all processes share one cache."""

import secrets
import subprocess

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from talk_calls.checks.site import check_cache
from talk_calls.health import second_process
from talk_calls.health.results import CheckContext, Result, error, ok, warning

_HINT = _(
    "Wrong passwords are counted there, so each process allows as many again. Use "
    "Redis, Memcached or Django's DatabaseCache as the default cache."
)


def run(context: CheckContext) -> list[Result]:
    """Set a value here, read it in a second process, and delete it."""
    if unshared := check_cache(None):
        return [warning(unshared[0].msg, unshared[0].hint or _HINT)]
    key, value = f"talk_calls.health.{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, 60)
    try:
        if cache.get(key) != value:
            hint = _("Wrong passwords are not counted meanwhile. Is the cache's server up?")
            return [error(_("The default cache does not store values."), hint)]
        seen = _read_in_second_process(key, context.timeout)
    except subprocess.TimeoutExpired:
        return [error(_("A second process could not read the cache in time."), _("Try --timeout."))]
    finally:
        cache.delete(key)
    if seen == value:
        return [ok(_("The default cache is shared between processes."))]
    return [warning(_("A second process does not see what this one puts into the cache."), _HINT)]


def _read_in_second_process(key: str, timeout: float) -> str:
    with second_process.start("cache", key) as process:
        try:
            seen, _ = process.communicate(timeout=timeout + second_process.START_TIME)
        finally:
            process.kill()
    return seen
