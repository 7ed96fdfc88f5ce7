"""Noting what the High-performance Backend (HPB) has to be told.

A note is a number that grows, and is written in the transaction of the change. What to tell is read
later, by the sender (``talk_calls/hpb/sender.py``): many changes become one message. Without
external signaling nothing is written.
"""

from django.dispatch import Signal

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.models import HPBSession, Session
from talk_calls.models.hpb import mark_changed, mark_used

#: Sent after the commit, with ``conversation_id``: this process has something to tell.
committed = Signal()


def mark(conversation_id: int, token: str) -> None:
    """Note that a conversation changed, in the open transaction; one statement."""
    if conf.signaling.external:
        mark_changed(conversation_id, token)
        _wake_after_commit(conversation_id)


def mark_in_use(conversation_id: int, token: str) -> None:
    """Do what ``mark`` does if the HPB was told nothing of the conversation yet."""
    if conf.signaling.external and mark_used(conversation_id, token):
        _wake_after_commit(conversation_id)


def _wake_after_commit(conversation_id: int) -> None:
    def wake() -> None:
        committed.send(None, conversation_id=conversation_id)

    transactions.on_commit(wake, robust=True)


def session_left(session: Session) -> None:
    """Note that a member leaves by itself: nobody has to close the connection, which is used on.

    Who belongs to the conversation only while being online does not any more, and is told to go.
    Whoever stayed at the HPB could not be shown or put out. A guest may have no other conversation.
    """
    attendee = session.attendee
    if conf.signaling.external and not attendee.is_guest and not attendee.is_passing:
        HPBSession.objects.filter(pk=session.pk).update(left=True)
