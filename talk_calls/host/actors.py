"""Who acts: a user of the host, or a guest known by nothing but a session cookie."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser

__all__ = ["GUEST", "Actor", "HostUser"]

if TYPE_CHECKING:
    # The type checker knows one user model, that of its settings; the code works with any.
    from django.contrib.auth.models import User as HostUser
else:
    HostUser = AbstractBaseUser


@dataclass(frozen=True, slots=True)
class Actor:
    """The one behind a request or a command.

    ``user`` is None for guests; a guest becomes somebody in a conversation by the session id that
    the browser session remembers for it.
    """

    user: HostUser | None = None

    @property
    def is_user(self) -> bool:
        """Tell whether somebody is logged in."""
        return self.user is not None


GUEST = Actor()
