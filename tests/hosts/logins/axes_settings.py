"""A site that locks out who guesses passwords, by django-axes."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as SUITES
from tests.settings import MIDDLEWARE as SUITES_MIDDLEWARE

INSTALLED_APPS = [*SUITES, "axes"]
MIDDLEWARE = [*SUITES_MIDDLEWARE, "axes.middleware.AxesMiddleware"]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 3
ROOT_URLCONF = "tests.hosts.logins.urls"
TALK_CALLS = {"ACCOUNT_PASSWORDS": True}
