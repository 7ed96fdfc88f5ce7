"""Noting which sessions the HPB has let into a conversation."""

from datetime import datetime

from talk_calls.constants import InCallFlag
from talk_calls.hpb.state import describe
from talk_calls.models import HPBSession, Session
from talk_calls.policies import Situation
from talk_calls.services import hpb_changes


def session_connected(situation: Situation, now: datetime) -> None:
    """Note that the HPB is told to let the acting session in, of which it knows nothing else.

    It learns with the answer what the session may do, and takes it to be in no call. One statement,
    and one more for a session that is in the call.
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
    HPBSession.objects.bulk_create(
        [known],
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["in_call", "description", "connected_at", "left"],
    )
    if session.flags_at(now) != InCallFlag.DISCONNECTED:
        hpb_changes.mark(conversation.pk, conversation.token)


def session_disconnected(session: Session) -> None:
    """Note that a session left the HPB, which has told all others, and has nothing to be told."""
    HPBSession.objects.filter(pk=session.pk).delete()
