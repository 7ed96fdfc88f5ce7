"""A site that is used once, as a process: ``python [-OO] -m tests.smoke [documents]``.

It prints what operators and clients read, or with ``documents`` the OpenAPI documents, so that two
runs can be compared. Asserts do not count under ``-OO``, so nothing is judged here.
"""

# ruff: noqa: T201 -- the output is what it is for

import json
import os
import pkgutil
import sys
from importlib import import_module

import django
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.test import Client
from django.test.utils import setup_test_environment

import talk_calls


def load_everything() -> None:
    """Import every module of the package."""
    for module in pkgutil.walk_packages(talk_calls.__path__, "talk_calls."):
        import_module(module.name)


def show_help() -> None:
    """Print the help of each command of the package."""
    for name in sorted(name for name, app in get_commands().items() if app == "talk_calls"):
        load_command_class("talk_calls", name).print_help("manage.py", name)


def show_refusals() -> None:
    """Print each refusal's message, and the output of a command and the API if refused."""
    from talk_calls.exceptions import TalkError

    for kind in TalkError.__subclasses__():
        print(kind.__name__, kind.message)
    run("talk_attendee", "demote", "standup", "bob")
    run("talk_why", "standup", "bob")
    url = "/ocs/v2.php/apps/spreed/api/v4/room/standup/participants/active?format=json"
    answer = Client().post(url, {"password": "wrong"}, headers={"OCS-APIRequest": "true"})
    print(answer.status_code, answer.content.decode())


def show_documents() -> None:
    """Print the OpenAPI document of each version."""
    from talk_calls.api.schema.documents import ROUTES, document

    for version in ROUTES:
        print(json.dumps(document(version), indent=1, sort_keys=True))


def open_site() -> None:
    """Make tables in memory, and a locked conversation of bob's with a password."""
    from django.contrib.auth.models import User

    from talk_calls.models import Attendee, Conversation

    settings.MIGRATION_MODULES = {"talk_calls": None, "projects": None}
    call_command("migrate", run_syncdb=True, verbosity=0)
    room = Conversation.objects.create(token="standup", type=3, read_only=1, password="!")
    Attendee.objects.create(conversation=room, user=User.objects.create_user("bob"))


def run(*command: str) -> None:
    """Run a command whose output is printed, and print how it failed if it did."""
    try:
        call_command(*command)
    except (CommandError, SystemExit) as error:
        print("failed:", error)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["DATABASE_URL"] = "sqlite://"
    django.setup()
    setup_test_environment()
    if sys.argv[1:] == ["documents"]:
        show_documents()
    else:
        load_everything()
        call_command("check")
        show_help()
        open_site()
        show_refusals()
