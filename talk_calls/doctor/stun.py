"""Do the STUN servers answer?"""

from talk_calls.conf import conf
from talk_calls.doctor.findings import Finding, Visit, error, skipped, warning, well
from talk_calls.doctor.links import Link
from talk_calls.doctor.stun_messages import BINDING, MAPPED, SUCCESS, Malformed, Message

_HINT = "Is the address right, does the server run, and do firewalls let UDP through?"


def examine(visit: Visit) -> list[Finding]:
    """Ask each STUN server under which address it sees us."""
    if conf.stun_servers:
        return [_examine(address, visit) for address in conf.stun_servers]
    if conf.turn_servers:
        return [skipped("No STUN servers are set; the TURN servers do their work.")]
    hint = "Set STUN_SERVERS and TURN_SERVERS; without any, calls work within one network."
    return [warning("Neither STUN nor TURN servers are set.", hint)]


def _examine(address: str, visit: Visit) -> Finding:
    try:
        with Link(address, "udp", visit.timeout) as link:
            answer = link.ask(Message(BINDING))
    except TimeoutError:
        return error(f"{address} does not answer within {visit.timeout:g} s.", _HINT)
    except (OSError, Malformed) as trouble:
        return error(f"{address} does not answer: {reason(trouble)}.", _HINT)
    if answer.kind == BINDING | SUCCESS and MAPPED in answer.attributes:
        return well(f"{address} tells clients their address.")
    return error(f"{address} refuses with error {answer.error}.", "It is no open STUN server.")


def reason(trouble: Exception) -> str:
    """Return in a few words why there was no answer."""
    if isinstance(trouble, Malformed):
        return "what came is no STUN"
    return str(getattr(trouble, "strerror", "") or type(trouble).__name__)
