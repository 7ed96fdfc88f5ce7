"""Exactly the routes of API v2: those of v1, but for two that never moved on."""

from talk_calls.api import v1

_ONLY_V1 = {"avatar", "guest-name"}

urlpatterns = [route for route in v1.urlpatterns if route.name not in _ONLY_V1]
