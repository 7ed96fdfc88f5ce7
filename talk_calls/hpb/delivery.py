"""Telling a signaling server about one conversation: lease, read, send, confirm."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from talk_calls.host import clock
from talk_calls.hpb import leases
from talk_calls.hpb.circuits import circuit_of
from talk_calls.hpb.connections import Refused, Unreachable, connection_to
from talk_calls.hpb.messages import messages_of
from talk_calls.hpb.state import State, read
from talk_calls.servers import SignalingServer

logger = logging.getLogger(__name__)

#: Seconds from the beginning of its lease in which messages of a conversation are sent, so that the
#: lease lasts until the server has the last one.
_SENDING_TIME = 3.0

#: Bytes in a second that the HPB is taken to deliver to clients. After a message for all clients
#: there is a pause of the time that it takes, so that the next one is about more changes.
_DELIVERED = 20_000_000

#: The shortest of these pauses that counts, and the longest, in seconds.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.01, 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a state: it was ``sent``, or ``refused``, or neither.

    ``delivered`` is how many bytes clients get for it.
    """

    state: State
    sent: bool = False
    refused: bool = False
    delivered: int = 0

    @property
    def pause(self) -> timedelta:
        """How long to tell nothing about this conversation."""
        seconds = min(self.delivered / _DELIVERED, _LONGEST_PAUSE)
        return timedelta(seconds=seconds if seconds >= _SHORTEST_PAUSE else 0)


def take(conversation_id: int) -> State | None:
    """Lease and read a conversation; None if there is nothing to tell, or another process does."""
    send_until = time.monotonic() + _SENDING_TIME
    told = leases.lease(conversation_id, clock.now())
    return read(told, clock.now(), send_until=send_until) if told is not None else None


def send(state: State) -> Outcome:
    """Send a state, without the database; nothing is raised.

    It is not tried if it waited too long for its turn.
    """
    circuit = circuit_of(state.server.url)
    if time.monotonic() > state.send_until or not circuit.take():
        return Outcome(state)
    try:
        size = _send(state)
    except Unreachable as error:
        circuit.failed(error)
        return Outcome(state)
    except Refused as error:
        circuit.succeeded()
        logger.error("What was told about %s was refused: %s.", state.told.token, error)
        return Outcome(state, refused=True)
    except Exception:
        logger.exception("What is true of %s cannot be told.", state.told.token)
        return Outcome(state, refused=True)
    circuit.succeeded()
    return Outcome(state, sent=True, delivered=size * len(state.connected))


def ask(server: SignalingServer) -> None:
    """Ask a server whether it is up, for the circuit, which was taken; nothing is raised."""
    circuit = circuit_of(server.url)
    try:
        connection_to(server).welcome()
    except Unreachable as error:
        circuit.failed(error)
        return
    except Refused as error:  # it answered
        logger.debug("%s refuses to say what it is: %s.", server.url, error)
    except Exception:
        logger.exception("%s cannot be asked whether it is up.", server.url)
        return
    circuit.succeeded()


def finish(outcome: Outcome) -> timedelta | None:
    """Store what became of a state; return after what time to look again, None for never.

    Raises ``Busy``; try again.
    """
    now = clock.now()
    if outcome.sent:
        return leases.confirm(outcome.state, now=now, pause=outcome.pause)
    leases.release(outcome.state, refused=outcome.refused, now=now)
    return None


def _send(state: State) -> int:
    """Send the messages; return how many bytes they had. Raises ``Unreachable``, ``Refused``.

    The latter also where there is too much to send for the time that a lease leaves. The server is
    up then, and takes what concerns other conversations.
    """
    connection = connection_to(state.server)
    size = 0
    for message in messages_of(state, connection.features()):
        if time.monotonic() > state.send_until:
            raise Refused("it takes too long")
        body = message.encode()
        connection.post(state.told.token, body)
        size += len(body)
    return size
