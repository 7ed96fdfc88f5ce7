"""Exactly the routes of API v3: those of v2, in other shapes."""

from talk_calls.api import v2

urlpatterns = [*v2.urlpatterns]
