"""A site with an admin of its own class beside Django's."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import INSTALLED_APPS

INSTALLED_APPS += ["tests.hosts.bookings"]
ROOT_URLCONF = "tests.hosts.sites.own_admin_urls"
CONTRACT_HOST = "tests.hosts.sites.own_admin_host.OwnAdminHost"
