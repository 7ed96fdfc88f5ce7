"""The suite's own site behind a real socket, and the people who use it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.contrib.auth.models import Group, User

from talk_calls.asgi import get_asgi_application
from talk_calls.services import app_passwords
from tests.factories import UserFactory

HOST = "127.0.0.1"


@contextmanager
def serving() -> Iterator[str]:
    """Serve the site in a thread of this process, on the test database; yield its address.

    The socket listens before the server is up, so that early requests wait in its queue.
    """
    listener = socket.create_server((HOST, 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # No websockets: nothing here speaks them, and the import warns.
    server = uvicorn.Server(
        uvicorn.Config(
            get_asgi_application(),
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class People:
    """Alice, Bob and Carol, each with an app password; Bob and Carol are the group ``staff``."""

    def __init__(self) -> None:
        self.users = {
            name: UserFactory(username=name, first_name=name.title(), email=f"{name}@talk.example")
            for name in ("alice", "bob", "carol")
        }
        staff = Group.objects.create(name="staff")
        staff.user_set.add(self["bob"], self["carol"])

    def __getitem__(self, name: str) -> User:
        return self.users[name]

    def app_password(self, name: str) -> str:
        """Return a new app password of a user."""
        return app_passwords.create(user=self[name], name="client")[1]
