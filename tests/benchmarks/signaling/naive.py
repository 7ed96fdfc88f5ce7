"""The naive way to tell a signaling server who joined: each join is a message of its own.

As in the product a thread beside the requests sends, and each message has everybody in the call, as
clients need it. But changes are not collected: each is read, sent and stored by itself.
"""

import math
from queue import Queue
from threading import Thread

from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.hpb import sender
from talk_calls.hpb.connections import connection_to
from talk_calls.hpb.messages import in_call_changed, messages_of
from talk_calls.hpb.state import Connected, State, read
from talk_calls.models import HPBConversation, HPBSession

_changed: Queue[int] = Queue()


def install() -> None:
    """Replace the sender of this process."""
    vars(sender)["wake"] = _changed.put
    Thread(target=_keep_telling, daemon=True).start()


def _keep_telling() -> None:
    while True:
        told = HPBConversation.objects.get(pk=_changed.get())
        _tell_one(read(told, clock.now(), send_until=math.inf))


def _tell_one(state: State) -> None:
    """Tell of one session that changed, and of which no other thread tells."""
    changed = in_call_changed(state)
    claimed = next(filter(_claim, changed), None)
    if claimed is None:
        return
    for each in changed:
        if each is not claimed:  # as if it was told
            each.told.in_call = each.flags
    connection = connection_to(conf.signaling.servers[0])
    for message in messages_of(state, connection.features()):
        if message.type == "incall":
            connection.post(state.told.token, message.encode())


def _claim(connected: Connected) -> bool:
    unclaimed = HPBSession.objects.filter(pk=connected.told.pk, in_call=connected.told.in_call)
    return bool(unclaimed.update(in_call=connected.flags))
