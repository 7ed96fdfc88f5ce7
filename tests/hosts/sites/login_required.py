"""A site that shows nothing to people who have not logged in."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import MIDDLEWARE

MIDDLEWARE += ["django.contrib.auth.middleware.LoginRequiredMiddleware"]
CONTRACT_HOST = "tests.hosts.sites.login_required_host.ClosedHost"
