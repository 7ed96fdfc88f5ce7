"""A site that keeps its sessions in signed cookies."""

from tests.hosts.sites.base import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_SAVE_EVERY_REQUEST = True
