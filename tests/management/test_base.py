"""What all commands for operators share."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_closed_pipe(command_site, form):
    """``talk_history | head`` ends without an error, as other programs do."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "manage.py", "talk_history", *form]
    with os.fdopen(writer, "wb") as nobody:
        ended = subprocess.run(  # noqa: S603 -- our own commands
            command,
            env=command_site.environment,
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (141, b"")
