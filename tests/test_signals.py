"""Signals of this app: connected strongly, and unable to break a transaction."""

import logging
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from talk_calls import signals
from talk_calls.models import Conversation
from talk_calls.signals import SIGNALS, ConversationChanged, Event, EventSignal
from tests.factories import ConversationFactory

EVENT = ConversationChanged(
    conversation_id=1, token="abcd", at=datetime(2021, 1, 1, tzinfo=UTC), changed=("name",)
)


class Listener:
    """Something with a method that listens."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def hear(self, event: Event, **kwargs: object) -> None:
        self.heard.append(event)


def test_every_event_has_its_signal():
    """A kind of event without a signal could not be told."""
    kinds = {
        kind
        for kind in vars(signals).values()
        if isinstance(kind, type) and issubclass(kind, Event)
    }
    assert kinds - {Event, signals.ActorEvent} == set(SIGNALS)
    assert len(set(SIGNALS.values())) == len(SIGNALS)


def test_bound_methods_connect_once_and_disconnect():
    """Connecting twice is being told once; a method is a new object each time it is named."""
    signal, listener = EventSignal(), Listener()
    signal.connect(listener.hear)
    signal.connect(listener.hear)
    signal.send(ConversationChanged, event=EVENT)
    assert listener.heard == [EVENT]
    assert signal.disconnect(listener.hear)
    signal.send(ConversationChanged, event=EVENT)
    assert listener.heard == [EVENT]
    assert not signal.has_listeners()


def test_local_functions_stay_connected():
    """A receiver that nobody else holds is not forgotten."""
    signal, heard = EventSignal(), []
    signal.connect(lambda event, **_: heard.append(event))
    signal.send(ConversationChanged, event=EVENT)
    assert heard == [EVENT]


@pytest.mark.django_db
def test_a_receiver_cannot_break_the_transaction(caplog):
    """What one wrote before it failed is undone, what another wrote stays."""
    signal = EventSignal()
    room = ConversationFactory()

    def fail(**_: object) -> None:
        ConversationFactory(token="undone")
        Conversation.objects.create(type=2, token=room.token)

    def work(**_: object) -> None:
        ConversationFactory(token="stays")

    signal.connect(fail)
    signal.connect(work)
    with transaction.atomic(), caplog.at_level(logging.ERROR, "django.dispatch"):
        results = signal.send_robust(ConversationChanged, event=EVENT)
    assert [type(result) for _, result in results] == [IntegrityError, type(None)]
    assert set(Conversation.objects.values_list("token", flat=True)) == {room.token, "stays"}
    assert "fail" in caplog.text
