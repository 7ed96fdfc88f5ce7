"""The old path of ``talk_calls.call_page.urls``, kept for sites that include it by this name."""

from talk_calls.call_page.urls import app_name, urlpatterns

__all__ = ["app_name", "urlpatterns"]
