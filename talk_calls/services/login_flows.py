"""Handing an app password to an app, by way of its user's browser (clients 5).

The app gets two tokens: it shows one to its user's browser and keeps the other, with which it asks
for the password until the user has granted it. Anybody may start a login, so a start is not stored:
the browser's token is signed and contains all of it. A row is created only when a logged-in user
grants a login, so a flood of starts fills no table and blocks no other login.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.core.signing import BadSignature, Signer

from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.host.actors import HostUser
from talk_calls.models import LoginFlow
from talk_calls.models.login_flows import LIFETIME, login_flow_digest
from talk_calls.services import app_passwords, participants

#: A dot, because the colon that Django uses is often cut off from links in text.
_SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class Start:
    """A login that an app has started, as the browser's token contains it."""

    digest: str
    client_name: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of an app: ``poll`` to ask for the password, ``login`` for its user's browser."""

    poll: str
    login: str


def start(*, client_name: str, now: datetime) -> Tokens:
    """Return the tokens of a new login; nothing is stored."""
    poll_token = secrets.token_urlsafe(32)
    payload = [login_flow_digest(poll_token), client_name, now.timestamp()]
    return Tokens(poll=poll_token, login=_signer().sign_object(payload))


def read(login_token: str, *, now: datetime) -> Start | None:
    """Return the login of a browser's token; None if the token is invalid or expired."""
    try:
        digest, client_name, started = _signer().unsign_object(login_token)
    except BadSignature:
        return None
    started_at = datetime.fromtimestamp(started, now.tzinfo)
    return None if started_at <= now - LIFETIME else Start(digest, client_name, started_at)


@retried
@transactions.atomic()
def grant(*, login: Start, user: HostUser, now: datetime) -> bool:
    """Grant the app a password of ``user``.

    Returns False if the app has its password already, or another user has granted the login.
    """
    LoginFlow.objects.expired(now).delete()
    flow, _ = LoginFlow.objects.get_or_create(
        digest=login.digest,
        defaults={
            "user": user,
            "client_name": login.client_name,
            "started_at": login.started_at,
            "granted_at": now,
        },
    )
    return flow.redeemed_at is None and bool(flow.user_id == user.pk)


def redeem(*, poll_token: str, now: datetime) -> tuple[HostUser, str] | None:
    """Return user and app password of a granted login, once; else None.

    One query while nobody has granted it, since apps ask several times a second.
    """
    granted = LoginFlow.objects.open(now).select_related("user")
    flow = granted.filter(digest=login_flow_digest(poll_token)).first()
    return None if flow is None else _redeem(flow, now)


@retried
@transactions.atomic()
def _redeem(flow: LoginFlow, now: datetime) -> tuple[HostUser, str] | None:
    """Create the password; of two simultaneous requests only one gets it."""
    is_first = LoginFlow.objects.filter(pk=flow.pk, redeemed_at=None).update(redeemed_at=now)
    if not is_first or not flow.user.is_active:
        return None
    owner = participants.operator(flow.user)  # who granted it
    _, secret = app_passwords.create(user=flow.user, name=flow.client_name, performed_by=owner)
    return flow.user, secret


def _signer() -> Signer:
    return Signer(sep=_SEPARATOR, salt="talk_calls.services.login_flows")
