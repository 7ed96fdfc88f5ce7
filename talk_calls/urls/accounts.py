"""The old path of ``talk_calls.accounts.urls``, kept for sites that include it by this name."""

from talk_calls.accounts.urls import app_name, urlpatterns

__all__ = ["app_name", "urlpatterns"]
