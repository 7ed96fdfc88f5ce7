"""Python without docstrings and asserts, ``python -OO``, shows people the same as with them."""

import os
import subprocess
import sys

from talk_calls.exceptions import NotPromotable


def smoke(*options: str, what: tuple[str, ...] = ()) -> str:
    """Return what a run of ``tests.smoke`` prints."""
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, *options, "-m", "tests.smoke", *what],
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_people_read_the_same_without_docstrings():
    """System checks, help of commands, refusals in commands and in the API."""
    usual = smoke()
    assert str(NotPromotable.message) in usual
    assert '"error":"password"' in usual
    assert smoke("-OO") == usual


def test_documents_are_the_same_without_docstrings():
    """Every summary and description of the OpenAPI documents, and all else in them."""
    usual = smoke(what=("documents",))
    assert '"summary": ""' not in usual
    assert smoke("-OO", what=("documents",)) == usual
