"""Who acts: a user of the host, or a guest known by nothing but a session cookie."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser


@dataclass(frozen=True, slots=True)
class Actor:
    """The one behind a request or a command.

    ``user`` is None for guests; a guest becomes somebody in a conversation by the session id that
    the browser session remembers for it.
    """

    user: AbstractBaseUser | None = None

    @property
    def is_user(self) -> bool:
        """Tell whether somebody is logged in."""
        return self.user is not None


GUEST = Actor()
