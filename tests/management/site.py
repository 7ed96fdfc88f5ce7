"""``manage.py`` as a process of its own, on a database that outlives it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(database, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the SQLite database in this file, and return how it ended."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(  # noqa: S603 -- our own commands
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
