"""The yardstick: an empty view of Django, which no change of the app makes faster or slower.

The site has no middleware, no database, and nothing of this app. It runs on the same kind of
server, with as many processes, as the site that is measured.
"""

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def _empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("", _empty)]

settings.configure(ALLOWED_HOSTS=["*"], MIDDLEWARE=[], ROOT_URLCONF=__name__)
asgi, wsgi = get_asgi_application(), get_wsgi_application()
