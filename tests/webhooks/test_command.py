"""``manage.py talk_deliver``: one pass, or until it is stopped."""

import json
import os
import signal
import threading
import time

import pytest
from django.core.management import CommandError, call_command

from talk_calls.models import WebhookStream
from talk_calls.models.webhooks import NO_CLAIM
from talk_calls.webhooks import signatures
from tests.patience import in_time
from tests.webhooks.conftest import happen


@pytest.fixture(autouse=True)
def _signals():
    """Put back what a command does about signals."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.django_db
def test_one_pass(endpoint, receiver, capsys):
    happen(1, "call.started", "call.ended")
    call_command("talk_deliver")
    assert capsys.readouterr().out.splitlines() == [
        "Done:",
        "         2  events distributed",
        "         2  deliveries made of them",
        "         2  deliveries received",
        "         0  attempts failed",
    ]
    call_command("talk_deliver")
    assert capsys.readouterr().out == "Done: nothing.\n"


@pytest.mark.django_db
def test_json(endpoint, receiver, capsys):
    receiver.answer = lambda handler: 500
    happen(1)
    call_command("talk_deliver", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "events": 1,
        "deliveries": 1,
        "delivered": 0,
        "failed": 1,
    }


@pytest.mark.django_db(transaction=True)
def test_a_loop_ends_with_a_signal(endpoint, receiver, capsys):
    """It stores what runs, and gives back what it claimed."""
    receiver.answer = lambda handler: time.sleep(0.5) or 204
    happen(1, "call.started", "call.ended")

    def stop():
        end = time.monotonic() + 30
        while not receiver.arrived and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    call_command("talk_deliver", "--loop", "0.1", "--json")
    thread.join()
    assert json.loads(capsys.readouterr().out)["delivered"] == len(receiver.arrived) < 3
    assert WebhookStream.objects.get().claimed_until == NO_CLAIM


@pytest.mark.django_db
def test_a_pass_has_a_bound(endpoint, receiver):
    """It starts nothing after its time, and waits for what runs."""
    receiver.answer = lambda handler: time.sleep(0.5) or 204
    happen(1, *["call.joined"] * 20)
    start = time.monotonic()
    call_command("talk_deliver", "--seconds", "1")
    in_time(time.monotonic() - start, 6)
    assert 1 <= len(receiver.arrived) < 12


@pytest.mark.parametrize("arguments", [["--loop", "0"], ["--seconds", "-1"]])
def test_wrong_arguments(arguments):
    with pytest.raises(CommandError, match="above 0"):
        call_command("talk_deliver", *arguments)


@pytest.mark.django_db
def test_without_the_extra(endpoint, monkeypatch):
    monkeypatch.setattr(signatures, "is_installed", lambda: False)
    with pytest.raises(CommandError, match="Webhooks need: pip install 'talk-calls"):
        call_command("talk_deliver")
