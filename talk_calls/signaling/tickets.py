"""Tickets, by which a client proves to a signaling server who it is (behaviour 8.2)."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from talk_calls.conf import conf
from talk_calls.constants import CLOCK_TOLERANCE
from talk_calls.db.text import is_storable
from talk_calls.host.actors import GUEST, Actor

#: For how long a ticket is good. Clients keep the settings that it came with while they are in a
#: conversation, and say hello with it again when the server was restarted. The credentials for
#: relays in these settings live as long (``ice.CREDENTIAL_LIFE``).
TICKET_LIFE = timedelta(days=1)


def ticket(actor: Actor, now: datetime) -> str:
    """Return a ticket of form ``random:time:user id:checksum``; guests have no user id."""
    signed = f"{secrets.token_hex(8)}:{int(now.timestamp())}:{user_id(actor) or ''}"
    return f"{signed}:{_checksum(actor, signed)}"


def holder(ticket: str, user_id: str, now: datetime) -> Actor | None:
    """Return who a ticket was made for, or None if it is wrong, too old, or somebody else's.

    ``user_id`` is who shows it, empty for a guest. One query, for a guest none. The ticket of an
    account that is closed is wrong, whatever it was.
    """
    if not is_storable(ticket):
        return None
    signed, _, checksum = ticket.rpartition(":")
    _, _, rest = signed.partition(":")
    made_at, _, named = rest.partition(":")
    user = conf.directory.find_user(user_id) if user_id else None
    actor = Actor(user) if user is not None else GUEST
    # For a user id that nobody has, the same work is done.
    fits = hmac.compare_digest(_checksum(actor, signed).encode(), checksum.lower().encode())
    if not fits or named != user_id or actor.is_user != bool(user_id):
        return None
    return actor if _is_recent(made_at, now) else None


def user_id(actor: Actor) -> str | None:
    """Return the name by which clients know a user; None for a guest."""
    return conf.directory.user_id(actor.user) if actor.user is not None else None


def _is_recent(made_at: str, now: datetime) -> bool:
    """Tell whether a Unix time, which our checksum covers, is within the life of a ticket."""
    age = now.timestamp() - int(made_at)
    return -CLOCK_TOLERANCE.total_seconds() <= age <= TICKET_LIFE.total_seconds()


def _checksum(actor: Actor, signed: str) -> str:
    # Each user has a secret of their own, guests share one; all are derived from SECRET_KEY.
    owner = str(actor.user.pk) if actor.user is not None else ""
    secret = salted_hmac(__name__, owner, algorithm="sha256").digest()
    return hmac.new(secret, signed.encode(), hashlib.sha256).hexdigest()
