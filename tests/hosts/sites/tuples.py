"""A site whose lists are tuples, as many are."""

from tests.hosts.sites import base
from tests.hosts.sites.base import *  # noqa: F403

INSTALLED_APPS = tuple(base.INSTALLED_APPS)
MIDDLEWARE = tuple(base.MIDDLEWARE)
TEMPLATES = tuple(base.TEMPLATES)
TALK_CALLS = {"STUN_SERVERS": ("stun.example.org:3478",)}
