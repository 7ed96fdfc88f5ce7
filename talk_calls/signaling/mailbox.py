"""The mailboxes of sessions: sending messages, and delivering them until they are acknowledged.

An answer to a poll that has anything new gets a number, which its messages keep. A client
acknowledges a number with its next poll, and only then the messages are deleted: if an answer is
lost on its way, the next one repeats them. Clients that keep cookies acknowledge exactly; any other
is taken to have received every answer (docs/protocol.md).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from talk_calls import policies
from talk_calls.constants import MOST_LOST_ANSWERS, MOST_WAITING_MESSAGES
from talk_calls.db import transactions
from talk_calls.db.text import is_storable
from talk_calls.exceptions import MailboxFull
from talk_calls.models import Session, SignalingMessage
from talk_calls.ocs.json_types import JSON
from talk_calls.services import sweeper
from talk_calls.signaling import wakeup

#: Every so many messages, sending one also deletes the expired ones.
_DELETE_EVERY = 100

#: A message from a client, unchanged: a JSON object.
Message = Mapping[str, JSON]


def send(situation: policies.Situation, messages: Sequence[Message]) -> int:
    """Put messages into the mailboxes of their recipients, and return how many.

    Messages that the policies refuse, or whose recipient is not in the conversation, are skipped:
    the protocol has no error for that (behaviour 8.3). The sender is the acting session, whatever
    a message says. Raises ``MailboxFull``, and sends nothing, if too many messages wait for one
    recipient.
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
        # After the commit: a site may run us in a transaction, and polls would find nothing before.
        notified = {row.recipient for row in rows}
        transactions.on_commit(partial(wakeup.notify, situation.conversation.pk, notified))
    return len(rows)


def acknowledged(session: Session, number: int | None) -> int:
    """Return the number of the last answer that a session has received.

    ``number`` is what its client acknowledges, or None if the client keeps no cookies. A number far
    below ``session.answers`` counts as None: that client does not really keep them.
    """
    if number is None or not 0 <= session.answers - number <= MOST_LOST_ANSWERS:
        return session.answers
    return number


def undelivered(session: Session, received: int, now: datetime) -> list[SignalingMessage]:
    """Return the messages for a session that has received the answers up to number ``received``.

    Messages of those answers are deleted.
    """
    waiting = list(SignalingMessage.objects.waiting_for(session.pk, now))
    new = [message for message in waiting if message.answer is None or message.answer > received]
    if len(new) < len(waiting):
        SignalingMessage.objects.filter(recipient=session.pk, answer__lte=received).delete()
    return new


def mark_delivered(session: Session, messages: Sequence[SignalingMessage], roster: int) -> None:
    """Record that the next answer to ``session`` carries these messages and this roster number."""
    session.answers += 1
    session.seen_roster = roster
    row = Session.objects.filter(pk=session.pk)
    if not messages:
        row.update(answers=session.answers, seen_roster=roster)
        return
    carried = SignalingMessage.objects.filter(pk__in=[message.pk for message in messages])
    with transactions.atomic():  # so that the answer waits for the disk once
        row.update(answers=session.answers, seen_roster=roster)
        carried.update(answer=session.answers)


def clear(session: Session) -> None:
    """Delete the messages for a session that may not receive them, now or later."""
    SignalingMessage.objects.filter(recipient=session.pk).delete()


def _kind(message: Message) -> str:
    return _text(message.get("type"))


def _to(message: Message) -> str:
    return _text(message.get("to"))


def _text(value: JSON) -> str:
    """Return text that a database can look up; empty, which is nobody's, for anything else."""
    return value if isinstance(value, str) and is_storable(value) else ""


def _recipients(situation: policies.Situation, session_ids: set[str]) -> dict[str, int]:
    """Return the primary keys, by session id, of the sessions that are online and may receive."""
    if not session_ids:
        return {}
    sessions = Session.objects.present(situation.now).select_related("attendee")
    sessions = policies.with_users(sessions, "attendee__user")
    online = sessions.filter(conversation=situation.conversation, session_id__in=session_ids)
    recipients = {}
    for session in online.annotate(waiting=_waiting()):
        if session.waiting >= MOST_WAITING_MESSAGES:
            raise MailboxFull
        if policies.first_refusal(policies.SIGNAL, situation.of(session)) is None:
            recipients[session.session_id] = session.pk
    return recipients


def _waiting() -> Coalesce:
    """Return an expression for the number of messages in the mailbox of a session."""
    mailbox: QuerySet[SignalingMessage] = SignalingMessage.objects.filter(recipient=OuterRef("pk"))
    counted = mailbox.order_by().values("recipient").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _store(rows: Sequence[SignalingMessage], now: datetime) -> None:
    stored = SignalingMessage.objects.bulk_create(rows)
    if any(row.pk % _DELETE_EVERY == 0 for row in stored):
        sweeper.delete_messages(now)
