"""A process that measures, from nothing."""

from collections.abc import Iterator

import pytest
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase

from talk_calls.metrics import exposition, instruments, receivers, sampler
from tests.metrics.site import ON


@pytest.fixture
def measured(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Count from zero, and stop counting in the end; nothing is sampled but for the page."""
    settings.TALK_CALLS = ON
    settings.ROOT_URLCONF = "tests.metrics.urls"
    monkeypatch.setattr(sampler, "start", lambda: None)
    monkeypatch.setattr(sampler, "_running", sampler.Sampler())
    for instrument in vars(instruments).values():
        if isinstance(instrument, MetricWrapperBase):
            _reset(instrument)
    exposition.DATABASE.forget()
    receivers.connect()
    yield
    receivers.disconnect()


def _reset(instrument: MetricWrapperBase) -> None:
    if instrument._labelnames:
        instrument.clear()
    elif isinstance(instrument, Counter):
        instrument.reset()
