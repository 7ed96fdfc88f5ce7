"""``make crashes`` at a size for each run: processes that deliver are killed at random moments."""

import subprocess
import sys

import pytest


@pytest.mark.postgresql
def test_nothing_is_lost():
    """Every event arrives, in order, signed; repetitions have the same id, number and body."""
    command = [sys.executable, "-m", "tests.webhooks.crashes", "--crashes", "12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok: 12 crashes" in done.stdout
