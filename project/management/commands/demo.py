"""`manage.py demo` runs a site with users and conversations, and prints what to try there."""

import os
import secrets
import socket
from argparse import ArgumentParser
from collections.abc import Callable

import uvicorn
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError, call_command

from project.settings import BASE_DIR
from talk_calls.conf import conf
from talk_calls.constants import ConversationType
from talk_calls.models import Conversation
from talk_calls.services import creation, participants

HOST = "127.0.0.1"
PEOPLE = ("alice", "bob", "carol", "admin")
GROUP, PUBLIC = "demogroup", "demopublic"

# The database contains only hashes; this file lets each run print the passwords of the first.
# Only its owner may read it.
PASSWORDS = BASE_DIR / ".demo-passwords"

GUIDE = """
The demo runs at {site}/ until you press Ctrl-C.

  admin     {site}/admin/  as  admin  {admin}
  people    alice {alice} (moderator)   bob {bob}   carol {carol}

  call      {site}/call/{public}

Open that link in two windows to call yourself. Log in as alice at
{site}/accounts/login/ to moderate.

In another terminal, as alice in the group conversation: enter it, join the call, list who is
in it, leave the call. A session that sends nothing for {timeout} seconds times out.

  {curl} -u alice:{alice} -X POST   '{api}/room/{group}/participants/active?format=json'
  {curl} -u alice:{alice} -X POST   '{api}/call/{group}?format=json'
  {curl} -u alice:{alice} -X GET    '{api}/call/{group}?format=json'
  {curl} -u alice:{alice} -X DELETE '{api}/call/{group}?format=json'

The same as a guest in the public one; the cookies in guest.jar identify the guest.

  {curl} -c guest.jar              -X POST   '{api}/room/{public}/participants/active?format=json'
  {curl} -c guest.jar -b guest.jar -X POST   '{api}/call/{public}?format=json'
  {curl} -c guest.jar -b guest.jar -X GET    '{api}/call/{public}?format=json'
  {curl} -c guest.jar -b guest.jar -X DELETE '{api}/call/{public}?format=json'
"""


class Command(BaseCommand):
    help = "Run the demo site and print what to try. Running it again keeps the data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, port: int, **options: object) -> None:
        with listen(port) as listener:
            self.say("Preparing the database ...")
            call_command("migrate", verbosity=0)
            self.say("Making people and conversations ...")
            passwords = make_people()
            make_conversations()
            self.say(f"Starting the site on port {port} ...")
            site = f"http://{HOST}:{port}"
            guide = GUIDE.format(
                site=site,
                api=f"{site}/ocs/v2.php/apps/spreed/api/v3",
                timeout=conf.session_timeout.seconds,
                curl="curl -s -H 'OCS-APIRequest: true'",
                group=GROUP,
                public=PUBLIC,
                **passwords,
            )
            try:
                Server(lambda: self.stdout.write(guide)).run(sockets=[listener])
            except KeyboardInterrupt:  # raised again by uvicorn, once it has closed everything
                self.stdout.write("\nStopped. `make demo` continues with the same data.")

    def say(self, line: str) -> None:
        """Tell what comes next at once, also where the output is no terminal."""
        self.stdout.write(line)
        self.stdout.flush()


class Server(uvicorn.Server):
    """Calls ``when_up`` when it accepts requests."""

    def __init__(self, when_up: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                "project.asgi:application",
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=3,
            )
        )
        self.when_up = when_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.when_up()


def listen(port: int) -> socket.socket:
    """Return a listening socket, so that a used port is noticed before anything else is done."""
    try:
        listener = socket.create_server((HOST, port), backlog=128)
        # asyncio does this only for sockets that it opens itself; without it every answer waits
        # some 40 ms for an acknowledgement between its head and its body.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise CommandError(
            f"Cannot use port {port} on {HOST}: {os.strerror(error.errno or 0)}."
            f" Choose one that is free: make demo PORT={port + 1}"
        ) from None


def make_people() -> dict[str, str]:
    """Make missing users, and return the password of each by username."""
    passwords = read_passwords()
    for name in PEOPLE:
        user = User.objects.filter(username=name).first() or User(username=name)
        if user.pk and name in passwords:
            continue
        passwords.setdefault(name, secrets.token_urlsafe(9))
        user.set_password(passwords[name])
        user.is_staff = user.is_superuser = name == "admin"
        user.save()
    write_passwords(passwords)
    return passwords


def read_passwords() -> dict[str, str]:
    lines = PASSWORDS.read_text().splitlines() if PASSWORDS.exists() else []
    return dict(line.split() for line in lines)


def write_passwords(passwords: dict[str, str]) -> None:
    PASSWORDS.touch(mode=0o600)
    PASSWORDS.write_text("".join(f"{name} {password}\n" for name, password in passwords.items()))


def make_conversations() -> None:
    """Make the two conversations if they are missing."""
    alice, bob, carol = (User.objects.get(username=name) for name in ("alice", "bob", "carol"))
    if not Conversation.objects.filter(token=GROUP).exists():
        group = creation.create(
            kind=ConversationType.GROUP, name="Demo group", owner=alice, token=GROUP
        )
        for member in (bob, carol):
            participants.add_user(conversation=group, user=member)
    if not Conversation.objects.filter(token=PUBLIC).exists():
        creation.create(kind=ConversationType.PUBLIC, name="Demo public", owner=alice, token=PUBLIC)
