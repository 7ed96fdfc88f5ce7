"""The demo site, configured by environment variables only.

DATABASE_URL          where the data lives; default: demo.sqlite3 beside manage.py
DJANGO_SECRET_KEY     signs cookies; required unless DJANGO_DEBUG is on
DJANGO_DEBUG          1 for a site on your own machine; default: off
DJANGO_ALLOWED_HOSTS  names the site answers to, separated by commas

Without DJANGO_DEBUG wrong passwords are counted in a table of the database, which all
processes share: `manage.py createcachetable` makes it, beside `manage.py migrate`.

Without DJANGO_DEBUG the site insists on HTTPS. Behind a proxy that ends TLS, the
server has to tell Django so: uvicorn believes `X-Forwarded-Proto` from the addresses in
FORWARDED_ALLOW_IPS (default 127.0.0.1), and the proxy must set that header itself.
`SECURE_PROXY_SSL_HEADER` would believe it from any client.
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent


def _local_secret_key() -> str:
    """Return a random key, stored so that a restart of the demo logs nobody out."""
    path = BASE_DIR / ".secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


def _database(url: str) -> dict[str, Any]:
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        # Without the address, which may have a password in it.
        raise ImproperlyConfigured(
            "DATABASE_URL is no address of a database; write postgres://user:password@host/name."
        ) from error
    options = database.get("OPTIONS", {})  # those in the URL, such as sslmode
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # WAL: readers do not wait for the writer. IMMEDIATE: a transaction queues for the
        # write lock when it begins, and never finds half-way that it cannot have it.
        database["OPTIONS"] = options | {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        }
    elif database["ENGINE"] == "django.db.backends.postgresql":
        # Prepared, a statement is planned once per connection and not once per request; a
        # PgBouncer that pools by transaction would need this off.
        database["OPTIONS"] = options | {"server_side_binding": True, "prepare_threshold": 5}
        # The threads that answer stay (see asgi.py), and so do their connections.
        database |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    return database


DEBUG = os.environ.get("DJANGO_DEBUG", "").lower() in {"1", "true", "yes", "on"}

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "Set DJANGO_SECRET_KEY to a long random text, or DJANGO_DEBUG=1 on your own machine."
        )
    SECRET_KEY = _local_secret_key()

ALLOWED_HOSTS = [
    host.strip() for host in os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",") if host.strip()
]

DATABASES = {
    "default": _database(os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR}/demo.sqlite3")
}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "drf_spectacular_sidecar",  # the scripts and styles of /schema/
    "talk_calls",
    "talk_calls.contrib.simulation",
    "project",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",  # the call page in the language of the browser
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

ROOT_URLCONF = "project.urls"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "index"
ASGI_APPLICATION = "project.asgi.application"
WSGI_APPLICATION = "project.wsgi.application"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"  # `collectstatic` fills it, the proxy serves it
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

TALK_CALLS: dict[str, Any] = {
    # So that `curl -u alice` is enough to try the API. A site has better reasons not to: a password
    # in HTTP Basic passes by everything that its login page asks beside it, and every client has to
    # store it. Apps do not need it.
    "ACCOUNT_PASSWORDS": True,
}

# Without this Django logs nothing to the terminal unless DEBUG is on.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        name: {"handlers": ["console"], "level": "INFO"} for name in ("django", "talk_calls")
    },
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

if not DEBUG:
    # Not FileBasedCache, where two processes can both add the same key. Large, as a full cache
    # drops counts of wrong passwords too early.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "project_cache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 30 * 24 * 3600
    # Including subdomains and preloading are decisions of the owner of the domain.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
