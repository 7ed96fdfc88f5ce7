"""Tokens, by which clients say hello to newer signaling servers (behaviour 8.2, hello 2.0)."""

from datetime import datetime, timedelta

from talk_calls.conf import conf
from talk_calls.host.actors import Actor
from talk_calls.hpb import keys
from talk_calls.services.participants import name_of

#: For how long a token is good; clients say hello within seconds (constants 3.3).
TOKEN_LIFE = timedelta(seconds=60)


def token(actor: Actor, *, issuer: str, now: datetime) -> str | None:
    """Return a JSON web token that says who ``actor`` is; guests have no name in it.

    ``issuer`` is the address of the site. None while servers may not know the key: clients show
    their ticket then.
    """
    key = keys.current()
    if key is None or now < key.used_from:
        return None
    import jwt

    claims: dict[str, object] = {"iss": issuer, "iat": now, "exp": now + TOKEN_LIFE}
    if actor.user is not None:
        claims["sub"] = conf.directory.user_id(actor.user)
        claims["userdata"] = {"displayname": name_of(actor.user)}
    return jwt.encode(claims, key.private, algorithm="ES256")
