"""The suite's site with another user model: that of ``USER_MODEL`` in the environment."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.user_models"]
AUTH_USER_MODEL = f"user_models.{os.environ['USER_MODEL']}"
SILENCED_SYSTEM_CHECKS = [
    *("admin.E039", "auth.E003", "auth.W004"),  # the admin is for users with permissions
]
