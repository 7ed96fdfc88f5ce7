"""``path("", include("talk_calls.metrics.urls"))``: ``/metrics``, for Prometheus."""

from django.urls import path

from talk_calls.metrics.views import metrics

app_name = "talk_metrics"

urlpatterns = [path("metrics", metrics, name="metrics")]
