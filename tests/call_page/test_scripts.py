"""The modules of the page that work without a browser, by tests in their own language."""

import subprocess
from pathlib import Path

import pytest

TESTS = sorted((Path(__file__).parents[1] / "scripts").glob("*.test.js"))


@pytest.mark.package("playwright")
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_script(path):
    """Node, which comes with Playwright, runs a file of tests."""
    from playwright._impl._driver import compute_driver_executable

    node, _ = compute_driver_executable()
    command = [node, "--test", "--test-force-exit", path]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stdout
