"""The demo site with the admin theme of django-jazzmin."""

from project.settings import *  # noqa: F403
from project.settings import INSTALLED_APPS

INSTALLED_APPS.insert(0, "jazzmin")
