"""The demo site in production, as one of several nodes behind a proxy of the tests without TLS."""

import json
import os

from project import settings as project_settings
from project.settings import *  # noqa: F403

TALK_CALLS = project_settings.TALK_CALLS | json.loads(os.environ["CLUSTER_TALK_CALLS"])

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": TALK_CALLS["WAKEUP"],
    }
}

SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
