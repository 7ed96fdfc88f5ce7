"""Make the tables and users with app passwords; runs as a process of its own, within the site.

usage: python -m tests.benchmarks.users COUNT

The output is a JSON list of [username, app password]. It imports nothing of the app, so that it
also works with other revisions of it (``tests.benchmarks.revision``).
"""

import json
import sys
from io import StringIO

import django
from django.core.management import call_command


def main(count: int) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    json.dump([_user(f"person{number:03}") for number in range(count)], sys.stdout)


def _user(username: str) -> tuple[str, str]:
    from django.contrib.auth.models import User  # not before `django.setup()`

    User.objects.create_user(username)
    output = StringIO()
    call_command("talk_app_password", username, stdout=output)
    return username, output.getvalue().split()[-1]


if __name__ == "__main__":
    main(int(sys.argv[1]))
