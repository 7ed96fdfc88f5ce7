"""Checks that the STUN servers answer."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning
from talk_calls.health.stun_connection import StunConnection
from talk_calls.health.stun_messages import BINDING, MAPPED, SUCCESS, MalformedMessage, Message

_HINT = _("Is the address right, is the server up, and do firewalls let UDP through?")


def run(context: CheckContext) -> list[Result]:
    """Ask each STUN server for the address that it sees us at."""
    if conf.stun_servers:
        return [_check_server(address, context) for address in conf.stun_servers]
    if conf.turn_servers:
        return [skipped(_("No STUN servers are set; TURN servers answer the same requests."))]
    hint = _("Set STUN_SERVERS and TURN_SERVERS; without them calls work within one network only.")
    return [warning(_("Neither STUN nor TURN servers are set."), hint)]


def _check_server(address: str, context: CheckContext) -> Result:
    try:
        with StunConnection(address, "udp", context.timeout) as connection:
            answer = connection.request(Message(BINDING))
    except TimeoutError:
        return error(
            _("{address} does not answer within {timeout:g} s.").format(
                address=address, timeout=context.timeout
            ),
            _HINT,
        )
    except (OSError, MalformedMessage) as exception:
        return error(
            _("{address} does not answer: {reason}.").format(
                address=address, reason=reason(exception)
            ),
            _HINT,
        )
    if answer.kind == BINDING | SUCCESS and MAPPED in answer.attributes:
        return ok(_("{address} tells clients their address.").format(address=address))
    message = _("{address} refuses with error {error}.").format(address=address, error=answer.error)
    return error(message, _("It is not a public STUN server."))


def reason(exception: Exception) -> str:
    """Return in a few words why there was no answer."""
    if isinstance(exception, MalformedMessage):
        return gettext("the response is not STUN")
    return str(getattr(exception, "strerror", "") or type(exception).__name__)
