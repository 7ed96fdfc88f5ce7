"""Metrics for Prometheus: numbers of requests, calls and processes (extra ``metrics``).

Nothing here is imported unless ``TALK_CALLS["METRICS"]`` is on, or a site includes
``talk_calls.metrics.urls``. ``prometheus_client`` is first imported when there is something to
count, as it makes files in ``PROMETHEUS_MULTIPROC_DIR`` for each process that does.
"""
