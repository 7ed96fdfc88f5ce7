"""A site with an API of its own, whose clients have tokens and JWT."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as SUITES

INSTALLED_APPS = [*SUITES, "rest_framework", "rest_framework.authtoken"]
ROOT_URLCONF = "tests.hosts.logins.urls"
OURS = "talk_calls.api.authentication.TalkAuthentication"
THEIRS = [
    "rest_framework.authentication.TokenAuthentication",
    "rest_framework_simplejwt.authentication.JWTAuthentication",
]
TALK_CALLS = {"AUTHENTICATION": [*THEIRS, OURS]}
SIMPLE_JWT = {"SIGNING_KEY": "only for tests, and long enough for HMAC-SHA256"}
