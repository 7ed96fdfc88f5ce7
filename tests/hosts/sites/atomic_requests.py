"""A site on which each request is one transaction, as of cookiecutter-django."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import DATABASES

DATABASES["default"]["ATOMIC_REQUESTS"] = True
