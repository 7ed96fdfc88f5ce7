"""Do all processes share one cache?"""

import secrets
import subprocess

from django.core.cache import cache

from talk_calls.checks.site import check_cache
from talk_calls.doctor import child
from talk_calls.doctor.findings import Finding, Visit, error, warning, well

_HINT = (
    "Wrong passwords are counted there, so each process allows as many again. Use Redis, Memcached "
    "or Django's DatabaseCache as the default cache."
)


def examine(visit: Visit) -> list[Finding]:
    """Set something here and read it in another process; it is deleted at once."""
    if unshared := check_cache(None):
        return [warning(unshared[0].msg, unshared[0].hint or _HINT)]
    key, value = f"talk_calls.doctor.{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, 60)
    try:
        if cache.get(key) != value:
            hint = "Wrong passwords are not counted meanwhile. Is the cache's server up?"
            return [error("The default cache keeps nothing.", hint)]
        seen = _seen_elsewhere(key, visit.timeout)
    except subprocess.TimeoutExpired:
        return [error("A second process could not ask the cache in time.", "Try --timeout.")]
    finally:
        cache.delete(key)
    if seen == value:
        return [well("The default cache is shared between processes.")]
    return [warning("What one process puts into the default cache, another does not see.", _HINT)]


def _seen_elsewhere(key: str, timeout: float) -> str:
    with child.start("cache", key) as process:
        try:
            seen, _ = process.communicate(timeout=timeout + child.START)
        finally:
            process.kill()
    return seen
