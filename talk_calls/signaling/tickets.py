"""Tickets, by which a client proves to a signaling server who it is (behaviour 8.2)."""

import hashlib
import hmac
import secrets
from datetime import datetime

from django.utils.crypto import salted_hmac

from talk_calls.conf import conf
from talk_calls.host.actors import Actor


def ticket(actor: Actor, now: datetime) -> str:
    """Return a ticket of form ``random:time:user id:checksum``; guests have no user id."""
    signed = f"{secrets.token_hex(8)}:{int(now.timestamp())}:{user_id(actor) or ''}"
    return f"{signed}:{_checksum(actor, signed)}"


def user_id(actor: Actor) -> str | None:
    """Return the name by which clients know a user; None for a guest."""
    return conf.directory.user_id(actor.user) if actor.user is not None else None


def _checksum(actor: Actor, signed: str) -> str:
    # Each user has a secret of their own, guests share one; all are derived from SECRET_KEY.
    owner = str(actor.user.pk) if actor.user is not None else ""
    secret = salted_hmac(__name__, owner, algorithm="sha256").digest()
    return hmac.new(secret, signed.encode(), hashlib.sha256).hexdigest()
