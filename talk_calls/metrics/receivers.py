"""Counts what happens in this process, once ``connect`` was called.

``instruments`` is imported by the first thing that is counted, and not before: each process that
imports it has files of its own, and commands that count nothing need none.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from django.dispatch import Signal
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from talk_calls.ocs import observation
from talk_calls.services import events as service_events
from talk_calls.services import sessions
from talk_calls.signaling import wakeup
from talk_calls.signals import CallEnded, CallJoined, CallLeft, CallStarted, Event


class _Requests:
    """The observer of requests."""

    def measuring(self, request: HttpRequest) -> AbstractContextManager[None]:
        from talk_calls.metrics import requests

        return requests.measuring(request)

    def refused(self, request: HttpRequest, error: Exception, response: HttpResponseBase) -> None:
        from talk_calls.metrics import requests

        requests.refused(request, error, response)

    def answered(self, request: HttpRequest, response: HttpResponseBase) -> None:
        from talk_calls.metrics import requests

        requests.answered(request, response)


def connect() -> None:
    """Count from now on; called once when the app is ready, if the site wants metrics."""
    observation.place.observer = _Requests()
    for signal, receiver in _RECEIVERS.items():
        signal.connect(receiver, dispatch_uid="talk_calls.metrics")


def disconnect() -> None:
    """Count nothing any more."""
    observation.place.observer = None
    for signal in _RECEIVERS:
        signal.disconnect(dispatch_uid="talk_calls.metrics")


def is_connected() -> bool:
    """Tell whether this process counts."""
    return observation.place.observer is not None


def count_events(events: Sequence[Event], **kwargs: object) -> None:
    """Count what happened in calls."""
    from talk_calls.metrics import instruments

    for event in events:
        match event:
            case CallStarted():
                instruments.CALLS_STARTED.inc()
            case CallEnded():
                instruments.CALLS_ENDED.labels(event.reason).inc()
            case CallJoined():
                instruments.JOINS.labels(event.actor_type).inc()
            case CallLeft():
                instruments.LEAVES.labels(event.reason).inc()


def count_pings(count: int, **kwargs: object) -> None:
    """Count pings that were stored."""
    from talk_calls.metrics import instruments

    instruments.PINGS.inc(count)


def count_dropped_hint(**kwargs: object) -> None:
    """Count a hint that was dropped."""
    from talk_calls.metrics import instruments

    instruments.HINTS_DROPPED.inc()


def count_cut_off(**kwargs: object) -> None:
    """Count a lost connection to the broker."""
    from talk_calls.metrics import instruments

    instruments.HINTS_CUT_OFF.inc()


_RECEIVERS: Mapping[Signal, Callable[..., None]] = {
    service_events.committed: count_events,
    sessions.pinged: count_pings,
    wakeup.hint_dropped: count_dropped_hint,
    wakeup.hints_cut_off: count_cut_off,
}
