"""Create an app password for a user, and print it alone on the last line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from talk_calls.conf import conf
from talk_calls.exceptions import InvalidValue
from talk_calls.services import app_passwords


class Command(BaseCommand):
    """``manage.py talk_app_password alice --name "alice's phone"``."""

    help = "Create an app password for a user. The last line of output is the password alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the name by which the user logs in")
        parser.add_argument(
            "--name", default="command line", help="the client it is for (default: %(default)s)"
        )

    def handle(self, *args: Any, username: str, name: str, **options: Any) -> None:
        user = conf.directory.find_user(username)
        if user is None:
            raise CommandError(f"There is no active user {username!r}.")
        try:
            _, secret = app_passwords.create(user=user, name=name)
        except InvalidValue as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(f"App password {name!r} of {username}; it is shown only now:")
        self.stdout.write(secret)
