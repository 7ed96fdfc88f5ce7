"""Checks that wrong passwords are counted by the address of the client, and of nobody else.

The site is asked with an address in ``X-Forwarded-For`` that is nobody's, and answers what arrived
and which address it would count. So one sees which proxies add to the header, and whether
``NUM_PROXIES`` of DRF fits.
"""

import ipaddress
import secrets
import urllib.error
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from talk_calls.checks.site import check_proxies
from talk_calls.health import signatures, site_requests
from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning

PATH = "/ocs/v2.php/apps/talk_calls/client-address"

_URL_HINT = _("Pass --url https://site.example to have the site asked which address it counts.")
_NO_ANSWER_HINT = _(
    "Does it run this version of talk_calls, with the SECRET_KEY that this command has,"
    " and do the clocks agree?"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the site saw of a request.

    ``counted`` is the address that limits count, ``connected`` is REMOTE_ADDR, ``forwarded`` what
    ``X-Forwarded-For`` lists, ``num_proxies`` the setting, and ``is_proxied`` tells whether there
    were other headers that only proxies send.
    """

    counted: str
    connected: str
    forwarded: tuple[str, ...]
    num_proxies: int | None
    is_proxied: bool

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Seen":
        """Return what the site answered; raises ``KeyError`` or ``TypeError`` for anything else."""
        return cls(**{**data, "forwarded": tuple(data["forwarded"])})


def run(context: CheckContext) -> list[Result]:
    """Ask the site for the address of this command; without a URL, look at the settings."""
    if not context.url:
        messages = check_proxies(None)
        if messages:
            return [warning(f"{each.id}: {each.msg}", each.hint or "") for each in messages]
        return [skipped(_("The site was not asked which address it counts."), _URL_HINT)]
    forged = f"203.0.113.{secrets.randbelow(256)}"  # of a network for documentation: nobody's
    headers = {signatures.HEADER: signatures.signature(), "X-Forwarded-For": forged}
    try:
        answer = site_requests.get_json(context, f"{PATH}?format=json", headers)
        seen = Seen.of(answer["ocs"]["data"])
    except urllib.error.HTTPError as refusal:
        refusal.close()
        message = _("The site does not tell which address it counts: HTTP {code}.").format(
            code=refusal.code
        )
        return [warning(message, _NO_ANSWER_HINT)]
    except (OSError, ValueError, KeyError, TypeError):
        return [warning(_("The site does not tell which address it counts."), _NO_ANSWER_HINT)]
    return [judge(seen, forged, is_local=_is_loopback(urlsplit(context.url).hostname or ""))]


def judge(seen: Seen, forged: str, *, is_local: bool) -> Result:
    """Return whether the site counts the address of the client.

    ``forged`` is the address that the client claimed to forward for, and ``is_local`` tells whether
    the site was asked by an address of this machine.
    """
    added = _added(seen.forwarded, forged)
    if seen.counted == forged:
        if is_local or (added and _is_loopback(added[0])):
            message = _("The site was asked from its own machine, which it takes for a proxy.")
            return skipped(message, _("Run this check from another machine to learn more."))
        return _forgeable(seen, len(added))
    if not added:
        return _untold(seen)
    if seen.counted == added[0]:
        return ok(
            _("Wrong passwords are counted by the client's address, here {counted}.").format(
                counted=seen.counted
            )
        )
    return warning(
        _("Wrong passwords of everybody are counted for one address, {counted}: a proxy's.").format(
            counted=seen.counted
        ),
        _(
            'Set REST_FRAMEWORK = {{"NUM_PROXIES": {number}}}: so many proxies add to '
            "X-Forwarded-For. Otherwise one attacker locks out everybody."
        ).format(number=len(added)),
    )


def _added(forwarded: tuple[str, ...], forged: str) -> tuple[str, ...]:
    """Return the addresses that proxies wrote, that of the client first."""
    if forged not in forwarded:
        return forwarded  # they replace what clients send
    return forwarded[forwarded.index(forged) + 1 :]


def _forgeable(seen: Seen, proxies: int) -> Result:
    message = _("Clients choose by X-Forwarded-For for which address their wrong passwords count.")
    if seen.num_proxies and seen.connected != seen.counted:
        return error(
            message,
            _(
                "NUM_PROXIES is {num_proxies}, and {proxies} proxies add to that header: set "
                "REST_FRAMEWORK = {{'NUM_PROXIES': {proxies}}}."
            ).format(num_proxies=seen.num_proxies, proxies=proxies),
        )
    hint = _("The server believes that header from everybody (uvicorn: FORWARDED_ALLOW_IPS).")
    return error(message, _("{hint} Let it believe your proxies only.").format(hint=hint))


def _untold(seen: Seen) -> Result:
    """Return the result where no proxy writes where a client comes from."""
    if seen.is_proxied and not _is_public(seen.connected):
        return warning(
            _(
                "Wrong passwords of everybody are counted for {address}: a proxy stands before the "
                "site, and does not tell where clients come from."
            ).format(address=seen.counted or _("no address")),
            _("Let it add to X-Forwarded-For, and set REST_FRAMEWORK = {'NUM_PROXIES': 1}."),
        )
    return ok(
        _("No proxy adds to X-Forwarded-For; wrong passwords count for {counted}.").format(
            counted=seen.counted
        )
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return False
