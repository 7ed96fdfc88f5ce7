"""The demo site for an ASGI server: `uvicorn project.asgi:application`."""

import os

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.handlers.asgi import ASGIHandler

from talk_calls.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application: ASGIHandler = get_asgi_application()
if settings.DEBUG:  # in production the proxy serves what `collectstatic` collected
    application = ASGIStaticFilesHandler(application)
