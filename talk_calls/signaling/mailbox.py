"""Sending messages to sessions, and handing them out.

An answer that told a session anything new has a number, and so have the messages in it. A client
acknowledges a number by asking again, and only then the messages are forgotten: an answer that was
lost on its way is told once more. Clients that keep cookies acknowledge exactly; any other is taken
to have got every answer (docs/protocol.md).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from talk_calls import policies
from talk_calls.constants import MOST_LOST_ANSWERS, MOST_WAITING_MESSAGES
from talk_calls.db import transactions
from talk_calls.exceptions import MailboxFull
from talk_calls.models import Session, SignalingMessage
from talk_calls.services import sweeper
from talk_calls.signaling import wakeup

#: One in so many messages pays for clearing away what expired, so that nobody else has to.
_CLEARS = 100

#: What a client may send to somebody: its fields as they came.
Message = Mapping[str, Any]


def send(situation: policies.Situation, messages: Sequence[Message]) -> int:
    """Put messages into the mailboxes of their recipients; return how many were put there.

    Passed over is what the policies refuse, and what is for nobody who is here: the protocol has no
    word for that (behaviour 8.3). The sender is the acting session, whatever a message says.
    Raises ``MailboxFull``, and sends nothing, if too many wait for one recipient.
    """
    sender = situation.session
    if sender is None or policies.first_refusal(policies.SIGNAL, situation):
        return 0
    allowed = [each for each in messages if policies.may_send(situation, _kind(each))]
    recipients = _recipients(situation, {_to(each) for each in allowed})
    rows = [
        SignalingMessage(
            recipient=recipients[_to(each)],
            text=json.dumps({**each, "from": sender.session_id}),
            sent_at=situation.now,
        )
        for each in allowed
        if _to(each) in recipients
    ]
    if rows:
        _store(rows, situation.now)
        # Whoever is woken before the commit finds nothing: a site may have a transaction around us.
        told = {row.recipient for row in rows}
        transactions.on_commit(partial(wakeup.tell, situation.conversation.pk, told))
    return len(rows)


def acknowledged(session: Session, number: int | None) -> int:
    """Return up to which answer a session got all.

    ``number`` is what its client says, None if it keeps no cookies. One that is far behind keeps
    none either, whatever it looked like.
    """
    if number is None or not 0 <= session.answers - number <= MOST_LOST_ANSWERS:
        return session.answers
    return number


def waiting_for(session: Session, got: int, now: datetime) -> list[SignalingMessage]:
    """Return the messages for a session that got the answers up to ``got``; forget older ones."""
    waiting = list(SignalingMessage.objects.waiting_for(session.pk, now))
    new = [message for message in waiting if message.answer is None or message.answer > got]
    if len(new) < len(waiting):
        SignalingMessage.objects.filter(recipient=session.pk, answer__lte=got).delete()
    return new


def delivered(session: Session, messages: Sequence[SignalingMessage], roster: int) -> None:
    """Note that the next answer to ``session`` carries these messages and shows this roster."""
    session.answers += 1
    session.seen_roster = roster
    own = Session.objects.filter(pk=session.pk)
    if not messages:
        own.update(answers=session.answers, seen_roster=roster)
        return
    carried = SignalingMessage.objects.filter(pk__in=[message.pk for message in messages])
    with transactions.atomic():  # so that the answer waits for the disk once
        own.update(answers=session.answers, seen_roster=roster)
        carried.update(answer=session.answers)


def empty(session: Session) -> None:
    """Forget the messages for a session that may not hear them; they are not for later."""
    SignalingMessage.objects.filter(recipient=session.pk).delete()


def _kind(message: Message) -> str:
    return str(message.get("type", ""))


def _to(message: Message) -> str:
    return str(message.get("to", ""))


def _recipients(situation: policies.Situation, names: set[str]) -> dict[str, int]:
    """Return the primary keys of those sessions that are here and may hear, by session id."""
    if not names:
        return {}
    sessions = Session.objects.present(situation.now).select_related("attendee")
    here = sessions.filter(conversation=situation.conversation, session_id__in=names)
    found = {}
    for session in here.annotate(waiting=_waiting()):
        if session.waiting >= MOST_WAITING_MESSAGES:
            raise MailboxFull
        if policies.first_refusal(policies.SIGNAL, situation.of(session)) is None:
            found[session.session_id] = session.pk
    return found


def _waiting() -> Coalesce:
    """Return how many messages lie in the mailbox of a session."""
    mailbox: QuerySet[SignalingMessage, Any] = SignalingMessage.objects.filter(
        recipient=OuterRef("pk")
    )
    counted = mailbox.order_by().values("recipient").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _store(rows: Sequence[SignalingMessage], now: datetime) -> None:
    stored = SignalingMessage.objects.bulk_create(rows)
    if any(row.pk % _CLEARS == 0 for row in stored):
        sweeper.delete_messages(now)
