"""The demo site's settings."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_database_url_keeps_its_options():
    """What DATABASE_URL asks for, such as TLS, is not lost to our own options."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://user@host/name?sslmode=require",
        "DJANGO_SECRET_KEY": "only for this test",
        "DJANGO_SETTINGS_MODULE": "project.settings",
    }
    code = "from project.settings import DATABASES; print(sorted(DATABASES['default']['OPTIONS']))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['prepare_threshold', 'server_side_binding', 'sslmode']"
