"""Create an app password for a user, and print it alone on the last line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from talk_calls.conf import conf
from talk_calls.exceptions import InvalidValue
from talk_calls.management.base import acting_from_command, add_reason_argument
from talk_calls.management.lookups import get_user
from talk_calls.management.tables import cell
from talk_calls.services import app_passwords


class Command(BaseCommand):
    """``manage.py talk_app_password alice --name "alice's phone"``."""

    help = "Create an app password for a user. The last line of output is the password alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="user name, e-mail address or primary key")
        parser.add_argument(
            "--name", default="command line", help="the client it is for (default: %(default)s)"
        )
        add_reason_argument(parser)

    def handle(self, *args: Any, username: str, name: str, reason: str, **options: Any) -> None:
        user = get_user(username)
        try:
            with acting_from_command(reason):
                _, secret = app_passwords.create(user=user, name=name)
        except InvalidValue as error:
            raise CommandError(str(error.message)) from error
        login_name = user.get_username() or conf.directory.user_id(user)
        self.stdout.write(f"App password {name!r} of {cell(login_name)}; it is shown only now:")
        self.stdout.write(secret)
