"""The receiver of docs/webhooks.md verifies what is really sent."""

import os
import re
import socket
import subprocess
import sys
import time

import pytest

from talk_calls import webhook_values
from talk_calls.webhooks import endpoints
from talk_calls.webhooks.delivery import deliver_once
from tests.reference_anchors import ROOT
from tests.webhooks.conftest import happen

PAGE = (ROOT / "docs/webhooks.md").read_text()
[RECEIVER] = re.findall(r"```python\n(from http\.server .*?)```", PAGE, re.S)


@pytest.mark.django_db
def test_the_receiver_of_the_page(tmp_path):
    """It takes what is signed with its secret, and refuses everything else."""
    assert len([line for line in RECEIVER.splitlines() if line]) <= 20
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = endpoints.create(name="Page", url=f"http://127.0.0.1:{port}/")
    environment = {**os.environ, "SECRET": endpoint.secret, "PORT": str(port)}
    command = [sys.executable, "-c", RECEIVER]
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            wait_for(port)
            happen(1, "call.started")
            assert deliver_once().delivered == 1
            assert process.stdout.readline() == "{'id': 1, 'token': 'token1'} 1 call.started\n"
            endpoint.secret = webhook_values.new_secret()
            endpoint.save()
            happen(1, "call.ended")
            assert deliver_once().failed == 1
        finally:
            process.terminate()
    assert endpoint.deliveries.get(number=2).status_code == 401


def wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
