"""Conversations in which calls go on while deliverers are killed."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from talk_calls.host import clock
from talk_calls.models import Conversation, Session
from talk_calls.services import calls, conversations
from tests.factories import ConversationFactory, GuestFactory, SessionFactory

#: The most seconds between two steps of a thread.
_PAUSE = 0.1


@contextmanager
def going_on(threads: int, conversations_each: int) -> Iterator[None]:
    """Let people join and leave calls while the block runs."""
    stop = threading.Event()
    running = [
        threading.Thread(target=_run, args=(stop, conversations_each)) for _ in range(threads)
    ]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in running:
            thread.join()


def _run(stop: threading.Event, count: int) -> None:
    try:
        meetings = [_meet() for _ in range(count)]
        while not stop.wait(random.uniform(0, _PAUSE)):
            place = random.randrange(count)
            if random.random() < 0.03:
                conversation = Conversation.objects.get(pk=meetings[place][0].conversation_id)
                conversations.delete(conversation=conversation)
                meetings[place] = _meet()
            else:
                _step(random.choice(meetings[place]))
    finally:
        connections.close_all()


def _meet() -> list[Session]:
    conversation = ConversationFactory()
    people = [GuestFactory(conversation=conversation) for _ in range(2)]
    return [SessionFactory(attendee=attendee) for attendee in people]


def _step(session: Session) -> None:
    """Let somebody join, or leave if they are in."""
    now = clock.now()
    Session.objects.filter(conversation=session.conversation_id).update(last_ping=now)
    session = Session.objects.get(pk=session.pk)
    if session.in_call:
        calls.leave(session=session, now=now)
    else:
        calls.join(session=session, flags=7, now=now)
