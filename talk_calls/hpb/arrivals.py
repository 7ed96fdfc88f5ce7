"""Noting which sessions the HPB has let into a conversation."""

from datetime import datetime

from talk_calls.constants import InCallFlag
from talk_calls.hpb.state import describe
from talk_calls.models import Conversation, HPBSession, Session
from talk_calls.models.hpb import note_connected
from talk_calls.policies import Situation
from talk_calls.services import hpb_changes


def session_connected(situation: Situation, now: datetime) -> None:
    """Note that the HPB is told to let the acting session in, of which it knows nothing else.

    It learns with the answer what the session may do, and takes it to be in no call. If the session
    is in the call, or the conversation changed since it was loaded, there is something to tell: the
    sender may have read that change before it could find the session. Two statements.
    """
    session, conversation = situation.session, situation.conversation
    assert session is not None  # noqa: S101 -- for types: there is one to let in
    known = HPBSession(
        session=session.pk,
        conversation=conversation.pk,
        session_id=session.session_id,
        description=describe(situation),
        connected_at=now,
    )
    note_connected(known)
    if session.flags_at(now) != InCallFlag.DISCONNECTED or _has_changed(conversation):
        hpb_changes.mark(conversation.pk, conversation.token)


def _has_changed(conversation: Conversation) -> bool:
    """Tell whether somebody changed a conversation since it was loaded."""
    as_loaded = Conversation.objects.filter(pk=conversation.pk, roster=conversation.roster)
    return not as_loaded.exists()


def session_disconnected(session: Session) -> None:
    """Note that a session left the HPB, which has told all others, and has nothing to be told."""
    HPBSession.objects.filter(pk=session.pk).delete()
