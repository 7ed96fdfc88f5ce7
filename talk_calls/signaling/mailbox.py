"""The mailboxes of sessions: sending messages, and delivering them until they are acknowledged.

An answer to a poll that has anything new gets a number, which its messages keep. A client
acknowledges a number with its next poll, and only then the messages are deleted: if an answer is
lost on its way, the next one repeats them. Clients that keep cookies acknowledge exactly; any other
is taken to have received every answer (docs/protocol.md).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db.models import Aggregate, Count, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Left

from talk_calls import policies
from talk_calls.constants import (
    ANSWER_MAX_BYTES,
    MOST_CROWDED_MAILBOXES,
    MOST_LOST_ANSWERS,
    SESSION_ID_LENGTH,
)
from talk_calls.db import transactions
from talk_calls.exceptions import MailboxFull
from talk_calls.models import Session, SignalingMessage
from talk_calls.models.signaling import Octets
from talk_calls.ocs.json_types import JSON
from talk_calls.services import sweeper
from talk_calls.signaling import mailbox_bounds, wakeup
from talk_calls.signaling.mailbox_bounds import Entry, Load

#: Every so many messages, sending one also deletes the expired ones.
_DELETE_EVERY = 100

#: How every stored message begins (``_text``), as far as anybody reads it again.
_HEAD = re.compile(r'\{"from": "([^"]*)"(, "type": "candidate"[,}])?')
_HEAD_LENGTH = SESSION_ID_LENGTH + 50

#: What a message takes in an answer beside its text.
_ITEM_SIZE = 100

#: A message from a client, unchanged: a JSON object.
Message = Mapping[str, JSON]


def send(situation: policies.Situation, messages: Sequence[Message]) -> int:
    """Put messages into the mailboxes of their recipients, and return how many.

    Messages that the policies refuse, or whose recipient is not in the conversation, are skipped:
    the protocol has no error for that (behaviour 8.3). The sender is the acting session, whatever
    a message says. Raises ``MailboxFull``, and sends nothing, if there is no room in the mailbox of
    one recipient (``mailbox_bounds``).
    """
    sender = situation.session
    if sender is None or policies.first_refusal(policies.SIGNAL, situation):
        return 0
    allowed = [each for each in messages if policies.may_send(situation, _kind(each))]
    recipients = _recipients(situation, {_to(each) for each in allowed})
    rows = [
        SignalingMessage(
            recipient=recipients[_to(each)].pk,
            text=_text(each, sender.session_id),
            sent_at=situation.now,
        )
        for each in allowed
        if _to(each) in recipients
    ]
    if rows:
        crowded = _crowded(recipients.values(), rows)
        gone: list[int] = []
        if crowded:
            gone, rows = _surplus(crowded, rows, situation.now)
        _store(rows, gone, situation.now)
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

    They are as many as fit into one answer; the others are for later. Messages of the answers that
    it has received are deleted.
    """
    waiting = list(SignalingMessage.objects.waiting_for([session.pk], now))
    new = [message for message in waiting if message.answer is None or message.answer > received]
    if len(new) < len(waiting):
        SignalingMessage.objects.filter(recipient=session.pk, answer__lte=received).delete()
    fitting = _fitting(new)
    # Later ones may have been in an answer that was lost. If they kept its number, acknowledging
    # the next answer would delete them.
    later = [message.pk for message in new[len(fitting) :] if message.answer is not None]
    if later:
        SignalingMessage.objects.filter(pk__in=later).update(answer=None)
    return fitting


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


def _fitting(messages: Sequence[SignalingMessage]) -> list[SignalingMessage]:
    """Return the first messages, at least one, that fit into an answer."""
    size = 0
    for count, message in enumerate(messages):
        size += _wire_size(message.text)
        if size > ANSWER_MAX_BYTES and count:
            return list(messages[:count])
    return list(messages)


def _wire_size(text: str) -> int:
    """Return how many bytes a message, which is ASCII, takes at most in an answer."""
    in_json = text.count('"') + text.count("\\")
    in_xml = 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
    return len(text) + max(in_json, in_xml) + _ITEM_SIZE


def _kind(message: Message) -> str:
    kind = message.get("type")
    return kind if isinstance(kind, str) else ""


def _to(message: Message) -> str:
    """Return the recipient's session id, or empty text for what cannot be one."""
    to = message.get("to")
    is_id = isinstance(to, str) and len(to) <= SESSION_ID_LENGTH and to.isascii()
    return str(to) if is_id and str(to).isprintable() else ""


def _text(message: Message, sender: str) -> str:
    """Return what the recipient gets; sender and type come first, where ``_HEAD`` finds them."""
    head: dict[str, JSON] = {"from": sender}
    if "type" in message:
        head["type"] = message["type"]
    return json.dumps(head | {name: value for name, value in message.items() if name not in head})


def _recipients(situation: policies.Situation, session_ids: set[str]) -> dict[str, Session]:
    """Return the sessions, by session id, that are online and may receive.

    They have ``waiting`` and ``waiting_bytes``, what is in their mailboxes.
    """
    if not session_ids:
        return {}
    sessions = Session.objects.present(situation.now).select_related("attendee")
    sessions = policies.with_users(sessions, "attendee__user")
    online = sessions.filter(conversation=situation.conversation, session_id__in=session_ids)
    return {
        session.session_id: session
        for session in online.annotate(
            waiting=_of_mailbox(Count("pk"), situation.now),
            waiting_bytes=_of_mailbox(Sum(Octets("text")), situation.now),
        )
        if policies.first_refusal(policies.SIGNAL, situation.of(session)) is None
    }


def _of_mailbox(aggregate: Aggregate, now: datetime) -> Coalesce:
    """Return an expression for an aggregate over what waits for a session."""
    mailbox = SignalingMessage.objects.waiting_for([OuterRef("pk")], now)
    total = mailbox.order_by().values("recipient").annotate(total=aggregate).values("total")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def _crowded(recipients: Iterable[Session], rows: Sequence[SignalingMessage]) -> set[int]:
    """Return the primary keys of those whose mailbox has to be looked through.

    Raises ``MailboxFull`` if these are too many for one request.
    """
    loads = {each.pk: Load(each.waiting, each.waiting_bytes) for each in recipients}  # type: ignore[attr-defined] # annotated
    for row in rows:
        loads[row.recipient].add(len(row.text))
    crowded = {pk for pk, load in loads.items() if mailbox_bounds.is_crowded(load)}
    if len(crowded) > MOST_CROWDED_MAILBOXES:
        raise MailboxFull
    return crowded


def _surplus(
    recipients: set[int], rows: list[SignalingMessage], now: datetime
) -> tuple[list[int], list[SignalingMessage]]:
    """Return the primary keys of messages that make room for ``rows``, and what stays of ``rows``.

    The oldest go first, and some of ``rows`` may be among them.
    """
    entries: defaultdict[int, list[Entry]] = defaultdict(list)
    waiting = SignalingMessage.objects.waiting_for(recipients, now)
    heads = waiting.annotate(head=Left("text", _HEAD_LENGTH), size=Octets("text"))
    for recipient, head, size, pk in heads.values_list("recipient", "head", "size", "pk"):
        entries[recipient].append(_entry(head, size, pk=pk))
    for index, row in enumerate(rows):
        if row.recipient in recipients:
            entries[row.recipient].append(_entry(row.text, len(row.text), index=index))
    gone = [entry for each in entries.values() for entry in mailbox_bounds.surplus(each)]
    gone_rows = {entry.index for entry in gone}
    stored = [entry.pk for entry in gone if entry.pk is not None]
    return stored, [row for index, row in enumerate(rows) if index not in gone_rows]


def _entry(head: str, size: int, **place: int) -> Entry:
    """Return a message as the bounds see it; of an unknown form, it is nobody's candidate."""
    found = _HEAD.match(head)
    sender, is_candidate = found.groups() if found else ("", None)
    return Entry(sender=sender, is_candidate=is_candidate is not None, size=size, **place)


def _store(rows: Sequence[SignalingMessage], gone: Sequence[int], now: datetime) -> None:
    """Store messages, and delete those that make room for them."""
    if gone:
        with transactions.atomic():
            SignalingMessage.objects.filter(pk__in=gone).delete()
            stored = SignalingMessage.objects.bulk_create(rows)
    else:
        stored = SignalingMessage.objects.bulk_create(rows)
    if any(row.pk % _DELETE_EVERY == 0 for row in stored):
        sweeper.delete_messages(now)
