"""The site of an operator, and a process that makes rows there."""

import json
import subprocess
import sys
from typing import Any

from tests.e2e.site import ROOT, Site

#: What the process does: a line of JSON names a function and its arguments, and is answered.
SEEDING = """
import json, sys
from tests.e2e.admin import seeds
for line in sys.stdin:
    function, arguments = json.loads(line)
    getattr(seeds, function)(*arguments)
    print("\\ndone", flush=True)
"""


class SeededSite(Site):
    """A site whose rows are made by one process, as starting one takes longer than the rows."""

    settings = "tests.e2e.admin.settings"

    def __init__(self, database: str) -> None:
        super().__init__(database)
        self._seeding: subprocess.Popen[str] | None = None

    def seed(self, function: str, *arguments: Any) -> None:
        """Run a function of ``seeds``, and return when it is done."""
        process = self._seeding = self._seeding or self._start_seeding()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([function, arguments]) + "\n")
        process.stdin.flush()
        assert "done\n" in process.stdout, f"{function} failed; the lines above say why"

    def close(self) -> None:
        """End the process."""
        if self._seeding is not None:
            self._seeding.communicate(timeout=20)

    def _start_seeding(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", SEEDING],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
