"""A site whose admin is an instance of its own class; it has no default one."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import INSTALLED_APPS

INSTALLED_APPS[0] = "django.contrib.admin.apps.SimpleAdminConfig"
INSTALLED_APPS += ["tests.hosts.bookings"]
ROOT_URLCONF = "tests.hosts.sites.own_admin_urls"
CONTRACT_HOST = "tests.hosts.sites.own_admin_host.AdminHost"
