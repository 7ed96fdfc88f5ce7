"""The measurement of many clients of an HPB itself, with few of them."""

import json
import os
import subprocess
import sys

import pytest

_CLIENTS = 12


@pytest.mark.postgresql
@pytest.mark.server("hpb-sid")
@pytest.mark.parametrize("way", ["state", pytest.param("naive", marks=pytest.mark.nightly)])
def test_few_clients(way):
    """All come in, join, learn of each other, and leave, over a production site and a real HPB."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.benchmarks.signaling",
            "--json",
            "--clients",
            f"{_CLIENTS}/2",
            "--ways",
            way,
            "--idle",
            "1",
        ],
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    [figures] = json.loads(done.stdout)["results"]
    assert figures["join: clients that knew of all"] == _CLIENTS
    assert figures["join: clients that the HPB cut off"] == 0
    told = figures["join: of these about the call"]
    if way == "naive":
        assert told == _CLIENTS
    else:
        assert 2 <= told < 2 * _CLIENTS
        assert figures["there: statements/s"] < 20
        assert figures["leave: statements for each"] < 40
