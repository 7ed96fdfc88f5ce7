"""A site whose admin has the theme of django-jazzmin."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import INSTALLED_APPS

INSTALLED_APPS.insert(0, "jazzmin")
CONTRACT_HOST = "tests.hosts.sites.admin_host.AdminHost"
