"""Checks that signaling servers and this site reach each other (``TALK_CALLS["SIGNALING"]``).

Each server is asked what it is, and sent a signed request. A throw-away guest logs in there, so the
server has to ask this site, signed, who that is. Servers of a cluster have to pass on a message.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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

_UNREACHABLE = _(
    "Is the url right, is the server up, and do firewalls let it through? Until then "
    "clients do not learn what changes."
)
_SECRET = _("The secret of the server, in its section [backend], must be that of SIGNALING.")
_NOT_LET_IN = _(
    "Its section [backend] must name the site by this address, with the same secret, "
    "and it must reach that address, without a proxy that answers for the site."
)
_NO_SFU = _("Set up Janus ([mcu] of its configuration) for calls of more than about five people.")


def run(context: CheckContext) -> list[Result]:
    """Check each server, and whether it knows what it has to."""
    if not conf.signaling.external:
        return [skipped(_("Clients signal through this site."))]
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
        yield ok(_("{url} takes what this site signs.").format(url=server.url))
    except Unreachable as failure:
        if failure.status == 403:  # noqa: PLR2004
            message = _("{url} does not take what this site signs.").format(url=server.url)
            yield error(message, _SECRET)
        else:
            message = _("{url} cannot be reached: {failure}.").format(
                url=server.url, failure=failure
            )
            yield error(message, _UNREACHABLE)
        return
    except Refused as refusal:
        yield error(
            _("{url} refuses a request: {refusal}.").format(url=server.url, refusal=refusal),
            _("Is it a signaling server?"),
        )
        return
    finally:
        connection.close()
    yield _check_login(server, context)


def _about(server: SignalingServer, version: str, features: frozenset[str]) -> Result:
    """Return what a server is; without an SFU, calls of many people are too much for clients."""
    can = names.cleaned(", ".join(sorted(features)))  # anybody may answer without TLS
    told = _("{url} is version {version}, and can: {can}.").format(
        url=server.url, version=names.cut(version), can=can
    )
    if "mcu" in features:
        return ok(told)
    return warning(_("{told} It has no SFU.").format(told=told), _NO_SFU)


def _check_clock(server: SignalingServer, date: datetime | None, now: datetime) -> Iterator[Result]:
    skew = (date - now).total_seconds() if date else 0
    if abs(skew) > _SKEW:
        text = (
            _("The clock of {url} is {seconds:.0f} s ahead of this site's.")
            if skew > 0
            else _("The clock of {url} is {seconds:.0f} s behind this site's.")
        )
        message = text.format(url=server.url, seconds=abs(skew))
        yield warning(message, _("Let both follow a time server; tokens are good for a minute."))


def _check_login(server: SignalingServer, context: CheckContext) -> Result:
    """Let a guest log in, for which the server asks this site."""
    if not context.url:
        hint = _("Pass --url https://site.example to check it.")
        return skipped(
            _("Whether {url} reaches this site was not checked.").format(url=server.url), hint
        )
    problem = _problem(lambda: _log_in(server, context))
    if problem:
        message = _("{url} lets nobody in who comes from {site}: {problem}.").format(
            url=server.url, site=context.url, problem=problem
        )
        return error(message, _NOT_LET_IN)
    return ok(_("{url} reaches this site, which takes what it signs.").format(url=server.url))


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
        message = _("{url} and {first} are no cluster: {problem}.").format(
            url=other.url, first=first.url, problem=problem
        )
        return error(message, _("They need the same NATS and keys, and have to reach each other."))
    return ok(_("{url} and {first} are one cluster.").format(url=other.url, first=first.url))


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
            raise NotLetIn(gettext("a message did not arrive"))


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
        return [ok(_("The signaling servers know what changed."))]
    message = _(
        "Conversations of which the signaling servers do not take what changed: {failing}."
    ).format(failing=failing)
    return [
        error(message, _("The log of talk_calls.hpb says why. They are told once they answer."))
    ]
