"""Checks of the site around the app: middleware, time zones, cache, server and proxies."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.cache import DEFAULT_CACHE_ALIAS
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.module_loading import import_string

from talk_calls.checks.lookup import import_or_none, is_subclass

_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)

#: Settings that make no sense without a proxy.
_BEHIND_A_PROXY = ("SECURE_PROXY_SSL_HEADER", "USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT")


def check_middleware(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that the site has the middleware of sessions and logins, or subclasses of it."""
    installed = [import_or_none(path) for path in settings.MIDDLEWARE]
    return [
        checks.Error(
            f"talk_calls needs {path} in MIDDLEWARE.",
            hint="Guests are known by their session cookie, and users by their login.",
            id="talk_calls.E006",
        )
        for path in _MIDDLEWARE
        if not any(is_subclass(middleware, import_string(path)) for middleware in installed)
    ]


def check_time_zones(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that times are stored with their time zone."""
    if settings.USE_TZ:
        return []
    return [
        checks.Error(
            "USE_TZ is off.",
            hint=(
                "Set USE_TZ = True. Local times are ambiguous when clocks are set back, and calls "
                "would last an hour too long or end before they began."
            ),
            id="talk_calls.E016",
        )
    ]


def check_cache(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that wrong passwords are counted for the whole site; only for ``check --deploy``."""
    backend = import_or_none(settings.CACHES.get(DEFAULT_CACHE_ALIAS, {}).get("BACKEND"))
    if not is_subclass(backend, (LocMemCache, DummyCache)):
        return []
    return [
        checks.Warning(
            f"The default cache, {backend.__name__}, is not shared between processes.",
            hint=(
                "Wrong passwords are counted there, so each process allows as many again. "
                "Use Redis, Memcached or Django's DatabaseCache."
            ),
            id="talk_calls.W001",
        )
    ]


def check_server(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that waiting polls hold no workers; only for ``check --deploy``.

    This knows only the settings; a server that holds workers logs a warning when it does.
    """
    asgi = getattr(settings, "ASGI_APPLICATION", None)
    if asgi or not getattr(settings, "WSGI_APPLICATION", None):
        return []
    return [
        checks.Warning(
            "The site names a WSGI_APPLICATION and no ASGI_APPLICATION.",
            hint=(
                "Under WSGI each client that has a conversation open holds a worker. Serve "
                "talk_calls.asgi.get_asgi_application(), and name it in ASGI_APPLICATION."
            ),
            id="talk_calls.W002",
        )
    ]


def check_proxies(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that ``NUM_PROXIES`` is a number, and set behind a proxy; for ``check --deploy``.

    The settings do not tell how many proxies there are; ``talk_health --url`` finds that out.
    """
    proxies: object = getattr(settings, "REST_FRAMEWORK", {}).get("NUM_PROXIES")
    if proxies is None:
        told_by = [name for name in _BEHIND_A_PROXY if getattr(settings, name, None)]
        if not told_by:
            return []
        message = f"{told_by[0]} is set, so a proxy stands before the site, and NUM_PROXIES is not."
    elif isinstance(proxies, int) and not isinstance(proxies, bool) and proxies >= 0:
        return []
    else:
        message = f"NUM_PROXIES in REST_FRAMEWORK is {proxies!r}, not a number of proxies."
    return [
        checks.Warning(
            message,
            hint=(
                "Wrong passwords of everybody may count for the proxy. Set REST_FRAMEWORK = "
                '{"NUM_PROXIES": 1} (how many proxies add to X-Forwarded-For), or 0 if the server '
                "puts the client's address into REMOTE_ADDR. talk_health --url tells which."
            ),
            id="talk_calls.W008",
        )
    ]
