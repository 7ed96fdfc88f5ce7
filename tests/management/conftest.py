"""Commands as operators run them: in this process, and as one of their own."""

import json
import shutil
from io import StringIO

import pytest
from django.core.management import call_command

from tests.management.processes import Shop


@pytest.fixture
def run(db):
    """Return a function that runs a command and returns its lines, with ``--json`` its value."""

    def call(*arguments):
        out = StringIO()
        call_command(*arguments, stdout=out, no_color=True)
        text = out.getvalue()
        return json.loads(text) if "--json" in arguments else text.splitlines()

    return call


@pytest.fixture(scope="session")
def _new_shop(tmp_path_factory) -> Shop:
    made = Shop(tmp_path_factory.mktemp("shop") / "site.sqlite3")
    migrated = made.manage("migrate", "-v0")
    assert migrated.returncode == 0, migrated.stderr
    return made


@pytest.fixture
def shop(_new_shop, tmp_path) -> Shop:
    """Return an empty site of its own."""
    return Shop(shutil.copy(_new_shop.path, tmp_path / "site.sqlite3"))
