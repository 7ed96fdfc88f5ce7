"""A site with second factors by django-otp."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as SUITES
from tests.settings import MIDDLEWARE as SUITES_MIDDLEWARE

INSTALLED_APPS = [*SUITES, "django_otp", "django_otp.plugins.otp_static"]
MIDDLEWARE = [*SUITES_MIDDLEWARE, "django_otp.middleware.OTPMiddleware"]
ROOT_URLCONF = "tests.hosts.logins.urls"
TALK_CALLS = {"ACCOUNT_PASSWORDS": True}
