"""Sites with settings of their own, each in a process of its own."""

import json
import os
import subprocess
import sys
from typing import Any


def run_site(module: str, *arguments: object, timeout: float = 120, **environment: str) -> Any:
    """Run a module on a site, and return the JSON that it prints.

    ``environment`` are variables, with ``DJANGO_SETTINGS_MODULE`` among them; ``timeout`` is in
    seconds.
    """
    ran = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=timeout,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
