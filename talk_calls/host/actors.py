"""Actors: users of the host, and guests, who have nothing but a session cookie."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser

__all__ = ["GUEST", "Actor", "HostUser"]

if TYPE_CHECKING:
    # The type checker knows only the user model of its settings; the code works with any.
    from django.contrib.auth.models import User as HostUser
else:
    HostUser = AbstractBaseUser


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sends a request or runs a command.

    ``user`` is None for guests. In a conversation, a guest is identified by the session id that the
    browser session stores for it.
    """

    user: HostUser | None = None

    @property
    def pk(self) -> object:
        """Return the primary key of the user, None for guests."""
        return self.user.pk if self.user is not None else None

    @property
    def is_user(self) -> bool:
        """Tell whether somebody is logged in."""
        return self.user is not None


GUEST = Actor()
