"""Actors: users of the host, and guests, who have nothing but a session cookie."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib.auth.base_user import AbstractBaseUser

from talk_calls.conf import conf

__all__ = ["GUEST", "Actor", "HostUser", "viewer"]

if TYPE_CHECKING:
    # The type checker knows only the user model of its settings; the code works with any.
    from django.contrib.auth.models import User as HostUser
else:
    HostUser = AbstractBaseUser


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sends a request or runs a command.

    ``user`` is None for guests. In a conversation, a guest is identified by the session id that the
    browser session stores for it. ``browser`` and ``network`` tell whether a guest is banned; both
    are empty for users, and where nothing is known: the key by which a browser is known that came
    in as a guest before (``browser_sessions.guest_key``), and the network of the address
    (``networks.network_of``).
    """

    user: HostUser | None = None
    browser: str = ""
    network: str = ""

    @property
    def is_user(self) -> bool:
        """Tell whether somebody is logged in."""
        return self.user is not None


GUEST = Actor()


def viewer(user: object) -> Actor:
    """Return who looks at a page of the site: its user, unless the site lets them not use Talk.

    ``user`` is what ``request.user`` is, or None. All others are guests.
    """
    if not isinstance(user, AbstractBaseUser) or not user.is_active:
        return GUEST
    host_user = cast(HostUser, user)
    return Actor(host_user) if conf.directory.may_use_talk(host_user) else GUEST
