"""A site whose users log in by django-allauth: verified addresses, and MFA for who wants it."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as SUITES
from tests.settings import MIDDLEWARE as SUITES_MIDDLEWARE

INSTALLED_APPS = [*SUITES, "allauth", "allauth.account", "allauth.mfa"]
MIDDLEWARE = [*SUITES_MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ROOT_URLCONF = "tests.hosts.logins.urls"
LOGIN_URL = "account_login"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_RATE_LIMITS = False
TALK_CALLS = {"ACCOUNT_PASSWORDS": True}
