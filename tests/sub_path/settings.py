"""The demo site's settings, for a site that is served below a path.

MAILS   directory for the mails that it sends
FORCED  the path, if it is told by FORCE_SCRIPT_NAME
"""

import os

import django

from project.settings import *  # noqa: F403

FORCE_SCRIPT_NAME = os.environ.get("FORCED") or None
ALLOWED_HOSTS = ["intranet.example"]

BACKEND = "django.core.mail.backends.filebased.EmailBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": BACKEND, "OPTIONS": {"file_path": os.environ["MAILS"]}}}
else:
    EMAIL_BACKEND, EMAIL_FILE_PATH = BACKEND, os.environ["MAILS"]
