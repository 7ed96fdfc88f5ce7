"""A site whose admin has the theme of django-unfold."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import INSTALLED_APPS

INSTALLED_APPS.insert(0, "unfold")
INSTALLED_APPS += ["tests.hosts.unfolded"]
CONTRACT_HOST = "tests.hosts.sites.admin_host.AdminHost"
