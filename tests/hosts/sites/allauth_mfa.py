"""A site with allauth, as cookiecutter-django makes it: e-mail, verification, a second factor."""

from tests.hosts.page import use
from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import INSTALLED_APPS

INSTALLED_APPS += ["tests.hosts.email_people"]
AUTH_USER_MODEL = "email_people.EmailUser"
ROOT_URLCONF = "tests.hosts.sites.allauth_mfa_urls"
CONTRACT_HOST = "tests.hosts.sites.allauth_mfa_host.AllauthHost"

use("allauth-settings", globals())
