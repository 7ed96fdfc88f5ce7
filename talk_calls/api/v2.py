"""Exactly the routes of API v2: those of v1, but for the guest name."""

from talk_calls.api import v1

urlpatterns = [route for route in v1.urlpatterns if route.name != "guest-name"]
