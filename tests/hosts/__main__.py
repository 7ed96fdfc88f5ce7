"""Hold the site of DJANGO_SETTINGS_MODULE to the contract; print what failed, as JSON.

``python -m tests.hosts`` prints a traceback by the name of each step that failed: ``{}`` is good.
"""

import json
import sys
import traceback

import django
from django.conf import settings
from django.test.utils import setup_test_environment
from django.utils.module_loading import import_string


def main() -> None:
    """Make the site, and try every step, whatever fails."""
    django.setup()
    setup_test_environment()
    from tests.hosts.contract import Contract

    host = import_string(settings.CONTRACT_HOST)()
    host.prepare()
    try:
        sys.stdout.write(json.dumps(failures(Contract(host), host)))
    finally:
        host.close()


def failures(contract, host) -> dict[str, str]:
    """Return the traceback of each step that failed."""
    host.open()
    found = {}
    for step in (*contract.STEPS, *host.STEPS):
        try:
            getattr(contract if step in contract.STEPS else host, step)()
        except Exception:  # noqa: BLE001 -- the test tells of it
            found[step] = traceback.format_exc()
    return found


if __name__ == "__main__":
    main()
