"""The modules of the page that work without a browser, by tests in their own language.

``tests/scripts`` has the folders of the page; a file there tests the module of the same name.
"""

import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "talk_calls/static/talk_calls/call"
TESTS = Path(__file__).parents[1] / "scripts"


@pytest.mark.package("playwright")
def test_scripts():
    """Node, which comes with Playwright, runs all files side by side; what failed is at the end."""
    from playwright._impl._driver import compute_driver_executable

    node, _ = compute_driver_executable()
    options = ["--test", "--test-force-exit", "--test-reporter=spec"]
    command = [node, *options, *sorted(TESTS.rglob("*.test.js"))]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_tests_are_beside_their_modules():
    """The tests of a module are found where the module is, in the tree of tests."""
    tested = {path.relative_to(TESTS) for path in TESTS.rglob("*.test.js")}
    assert tested
    for path in tested:
        assert (SCRIPTS / path.with_name(path.name.replace(".test.js", ".js"))).exists(), path
