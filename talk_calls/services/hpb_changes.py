"""Noting what the High-performance Backend (HPB) has to be told.

A note is a number that grows, and is written in the transaction of the change. What to tell is read
later, by the sender (``talk_calls/hpb/sender.py``): many changes become one message. Without
external signaling nothing is written.
"""

import hashlib
from datetime import datetime

from django.dispatch import Signal

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import InCallFlag
from talk_calls.db import transactions
from talk_calls.models import Attendee, Conversation, HPBSession, Session
from talk_calls.models.hpb import mark_changed

#: Sent after the commit, with ``conversation_id`` and ``token``: this process has something to tell.
committed = Signal()


def mark(conversation_id: int, token: str) -> None:
    """Note that a conversation changed, in the open transaction; one statement."""
    if not conf.signaling.external:
        return
    mark_changed(conversation_id, token)

    def wake() -> None:
        committed.send(None, conversation_id=conversation_id, token=token)

    transactions.on_commit(wake, robust=True)


def session_connected(session: Session, now: datetime) -> None:
    """Note that the HPB lets a session into its room, of which it knows nothing so far.

    It was told the permissions with the answer, and takes the session to be in no call. The session
    is loaded with conversation and attendee. One statement, and one more if it is in the call.
    """
    HPBSession.objects.bulk_create(
        [
            HPBSession(
                session=session.pk,
                conversation=session.conversation_id,
                session_id=session.session_id,
                description=description_of(session.conversation, session.attendee),
                connected_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["in_call", "description", "connected_at", "left"],
    )
    if session.flags_at(now) != InCallFlag.DISCONNECTED:
        mark(session.conversation_id, session.conversation.token)


def session_left(session: Session) -> None:
    """Note that a user leaves by itself: nobody has to close the connection, which may be used on.

    A guest may have no other conversation, and is told to go.
    """
    if conf.signaling.external and not session.attendee.is_guest:
        HPBSession.objects.filter(pk=session.pk).update(left=True)


def description_of(conversation: Conversation, attendee: Attendee) -> str:
    """Return a digest of what the HPB is told of somebody beside the in-call flags."""
    role = policies.role_of(conversation, attendee)
    permissions = policies.permissions_of(conversation, attendee)
    text = f"{role} {permissions} {attendee.display_name}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
