"""What a process writes down of itself: hints that it misses, and signaling servers."""

import time

import pytest

from talk_calls.hpb.circuits import FAILURES, circuit_of
from talk_calls.models import HPBConversation
from talk_calls.signaling import wakeup
from tests.metrics.site import ON, page, values
from tests.patience import until_so
from tests.servers.ports import HOST, free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("measured")]

PATIENCE = 30.0
SERVER = {"URL": "https://signaling.example.org", "SECRET": "s" * 32}


class BrokenChannel:
    """A broker that takes a connection and then goes away."""

    def subscribe(self) -> None:
        pass

    def receive(self, timeout: float) -> list[str]:
        raise ConnectionError

    def close(self) -> None:
        pass


def test_a_broker_that_was_never_there(settings, monkeypatch):
    """The process is cut off, and hints beyond those that may wait are dropped."""
    monkeypatch.setattr(wakeup, "_MAX_QUEUED", 1)
    settings.TALK_CALLS = {**ON, "WAKEUP": f"redis://{HOST}:{free_port()}"}
    assert values(page())["talk_calls_processes_cut_off"] == 0
    wakeup.listen()
    for conversation in (1, 2, 3):
        wakeup.notify(conversation)
    found = values(page())
    assert found["talk_calls_processes_cut_off"] == 1
    assert found["talk_calls_hints_dropped_total"] == 2
    assert found["talk_calls_hints_cut_off_total"] == 0


def test_a_broker_that_goes(settings, monkeypatch):
    """Each time counts that a connection is lost by which hints were received."""
    monkeypatch.setattr(wakeup, "open_channel", lambda url: BrokenChannel())
    monkeypatch.setattr(wakeup, "RETRY_INTERVAL", 0.01)
    settings.TALK_CALLS = {**ON, "WAKEUP": "redis://localhost"}
    wakeup.listen()
    name = "talk_calls_hints_cut_off_total"
    until_so(lambda: values(page())[name] >= 2, PATIENCE, "two losses")


def test_signaling_servers(settings):
    """A circuit that is open, and since when a change is not told; both end."""
    settings.TALK_CALLS = {**ON, "SIGNALING": {"BACKEND": "external", "SERVERS": [SERVER]}}
    circuit = circuit_of(SERVER["URL"])
    is_open = f'talk_calls_hpb_circuit_open{{server="{SERVER["URL"]}"}}'
    found = values(page())
    assert (found[is_open], found["talk_calls_hpb_pending"]) == (0, 0)
    assert found["talk_calls_hpb_lag_seconds"] == 0
    for _ in range(FAILURES):
        circuit.failed("test")
    row = HPBConversation.objects.create(conversation=7, token="token")
    page()
    time.sleep(0.05)
    found = values(page())
    assert (found[is_open], found["talk_calls_hpb_pending"]) == (1, 1)
    assert 0.05 <= found["talk_calls_hpb_lag_seconds"] < PATIENCE
    circuit.succeeded()
    HPBConversation.objects.update(told=row.changes)
    found = values(page())
    assert (found[is_open], found["talk_calls_hpb_pending"]) == (0, 0)
    assert found["talk_calls_hpb_lag_seconds"] == 0
