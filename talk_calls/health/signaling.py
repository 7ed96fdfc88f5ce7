"""Checks that signaling servers and this site reach each other (``TALK_CALLS["SIGNALING"]``).

Each server is asked what it is, and sent a signed request. A throw-away guest logs in there, so the
server has to ask this site, signed, who that is. Servers of a cluster have to pass on a message.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime

from talk_calls import names
from talk_calls.conf import conf
from talk_calls.health import signaling_guest
from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning
from talk_calls.health.signaling_guest import NotLetIn
from talk_calls.models import HPBConversation
from talk_calls.servers import SignalingServer

#: Seconds by which the clock of a server may differ; tokens of clients expire after a minute.
_SKEW = 10

#: How many attempts in a row are a fault, and not a moment.
_ATTEMPTS = 3

_UNREACHABLE = (
    "Is the url right, is the server up, and do firewalls let it through? Until then clients do "
    "not learn what changes."
)
_SECRET = "The secret of the server, in its section [backend], must be that of SIGNALING."
_NOT_LET_IN = (
    "Its section [backend] must name the site by this address, with the same secret, and it must "
    "reach that address, without a proxy that answers for the site."
)
_NO_SFU = "Set up Janus ([mcu] of its configuration) for calls of more than about five people."


def run(context: CheckContext) -> list[Result]:
    """Check each server, and whether it knows what it has to."""
    if not conf.signaling.external:
        return [skipped("Clients signal through this site.")]
    results = [each for server in conf.signaling.servers for each in _check(server, context)]
    if conf.signaling.cluster and context.url:
        results += _check_cluster(context)
    return [*results, *_check_pending()]


def _check(server: SignalingServer, context: CheckContext) -> Iterator[Result]:
    from talk_calls.hpb.connections import Connection, Refused, Unreachable

    connection = Connection(server)
    try:
        welcome = connection.welcome()
        yield _about(server, welcome.version, welcome.features)
        yield from _check_clock(server, welcome.date, context.now)
        connection.post(secrets.token_hex(8), b'{"type":"message","message":{"data":{}}}')
        yield ok(f"{server.url} takes what this site signs.")
    except Unreachable as failure:
        is_signature = failure.status == 403  # noqa: PLR2004
        message = f"{server.url} does not take what this site signs." if is_signature else ""
        message = message or f"{server.url} cannot be reached: {failure}."
        yield error(message, _SECRET if is_signature else _UNREACHABLE)
        return
    except Refused as refusal:
        yield error(f"{server.url} refuses a request: {refusal}.", "Is it a signaling server?")
        return
    finally:
        connection.close()
    yield _check_login(server, context)


def _about(server: SignalingServer, version: str, features: frozenset[str]) -> Result:
    """Return what a server is; without an SFU, calls of many people are too much for clients."""
    can = names.cleaned(", ".join(sorted(features)))  # anybody may answer without TLS
    told = f"{server.url} is version {names.cut(version)}, and can: {can}."
    return ok(told) if "mcu" in features else warning(f"{told} It has no SFU.", _NO_SFU)


def _check_clock(server: SignalingServer, date: datetime | None, now: datetime) -> Iterator[Result]:
    skew = (date - now).total_seconds() if date else 0
    if abs(skew) > _SKEW:
        direction = "ahead of" if skew > 0 else "behind"
        message = f"The clock of {server.url} is {abs(skew):.0f} s {direction} this site's."
        yield warning(message, "Let both follow a time server; tokens are good for a minute.")


def _check_login(server: SignalingServer, context: CheckContext) -> Result:
    """Let a guest log in, for which the server asks this site."""
    if not context.url:
        hint = "Pass --url https://site.example to check it."
        return skipped(f"Whether {server.url} reaches this site was not checked.", hint)
    problem = _problem(lambda: _log_in(server, context))
    if problem:
        message = f"{server.url} lets nobody in who comes from {context.url}: {problem}."
        return error(message, _NOT_LET_IN)
    return ok(f"{server.url} reaches this site, which takes what it signs.")


def _log_in(server: SignalingServer, context: CheckContext) -> None:
    with signaling_guest.connected(server, context.timeout) as guest:
        guest.hello(context.url, context.now)


def _check_cluster(context: CheckContext) -> list[Result]:
    """Let each server of a cluster pass on a message to the first."""
    first, *others = conf.signaling.servers
    return [_check_mates(first, other, context) for other in others]


def _check_mates(first: SignalingServer, other: SignalingServer, context: CheckContext) -> Result:
    problem = _problem(lambda: _pass_on(first, other, context))
    if problem:
        message = f"{other.url} and {first.url} are no cluster: {problem}."
        return error(message, "They need the same NATS and keys, and have to reach each other.")
    return ok(f"{other.url} and {first.url} are one cluster.")


def _pass_on(first: SignalingServer, other: SignalingServer, context: CheckContext) -> None:
    text = secrets.token_hex(8)
    with (
        signaling_guest.connected(first, context.timeout) as receiver,
        signaling_guest.connected(other, context.timeout) as sender,
    ):
        receiver.hello(context.url, context.now)
        sender.hello(context.url, context.now)
        sender.send(receiver, text)
        if not receiver.receives(text):
            raise NotLetIn("a message did not arrive")


def _problem(attempt: Callable[[], None]) -> str:
    """Return why an attempt failed, empty if it did not."""
    try:
        attempt()
    except NotLetIn as refusal:
        return names.cut(str(refusal))
    except Exception as failure:  # noqa: BLE001 -- of the package, the network, and TLS
        return type(failure).__name__
    return ""


def _check_pending() -> list[Result]:
    """Look for conversations of which the servers do not take what changed."""
    failing = HPBConversation.objects.pending().filter(attempts__gte=_ATTEMPTS).count()
    if not failing:
        return [ok("The signaling servers know what changed.")]
    message = f"Conversations of which the signaling servers do not take what changed: {failing}."
    return [error(message, "The log of talk_calls.hpb says why. They are told once they answer.")]
