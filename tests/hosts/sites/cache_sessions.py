"""A site that keeps its sessions in a cache, and its CSRF tokens in the sessions."""

from tests.hosts.sites.base import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.cache"
CSRF_USE_SESSIONS = True
