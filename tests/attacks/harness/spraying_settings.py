"""The demo site in production, behind one proxy of its own that tells where clients come from.

SPRAYING_ITERATIONS  of the slow hash
"""

import os

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from project.settings import *  # noqa: F403

REST_FRAMEWORK = {"NUM_PROXIES": 1}
PASSWORD_HASHERS = [f"{__name__}.Hasher"]


class Hasher(PBKDF2PasswordHasher):
    """A slow hash that takes as long on any machine."""

    iterations = int(os.environ["SPRAYING_ITERATIONS"])
