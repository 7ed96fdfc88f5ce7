"""The smallest site, with a page of metrics."""

from django.urls import include, path

from tests.urls import urlpatterns as site

urlpatterns = [path("", include("talk_calls.metrics.urls")), *site]
