"""Create an app password for a user, and print it alone on the last line."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.conf import conf
from talk_calls.management.base import TalkCommand, add_reason_argument
from talk_calls.management.lookups import get_user
from talk_calls.management.tables import cell
from talk_calls.management.texts import lazy as _
from talk_calls.services import app_passwords


class Command(TalkCommand):
    """``manage.py talk_app_password alice --name "alice's phone"``."""

    help = _("Create an app password for a user. The last line of output is the password alone.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help=_("user name, e-mail address or primary key"))
        parser.add_argument(
            "--name",
            default="command line",
            help=_("the client that it is for, as its user reads it (default: command line)"),
        )
        add_reason_argument(parser)

    def handle(self, *args: Any, username: str, name: str, **options: Any) -> None:
        user = get_user(username)
        secret = app_passwords.create(user=user, name=name)[1]
        login_name = user.get_username() or conf.directory.user_id(user)
        sentence = _("App password {name!r} of {user}; it is shown only now:")
        self.stdout.write(sentence.format(name=name, user=cell(login_name)))
        self.stdout.write(secret)
