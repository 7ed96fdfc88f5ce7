"""Commands as operators run them: in this process, and as one of their own."""

import json
from io import StringIO

import pytest
from django.core.management import call_command


@pytest.fixture
def run(db):
    """Return a function that runs a command and returns its lines, with ``--json`` its value."""

    def call(*arguments):
        out = StringIO()
        call_command(*arguments, stdout=out, no_color=True)
        text = out.getvalue()
        return json.loads(text) if "--json" in arguments else text.splitlines()

    return call
