"""Erasures that are killed, that meet, and that meet what goes on meanwhile."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from django.db import connections, transaction

from talk_calls.models import OutboxEvent, WebhookDelivery
from talk_calls.privacy import erasure
from talk_calls.privacy.history import Events
from talk_calls.privacy.registry import HOLDINGS
from talk_calls.webhooks import distribution, endpoints, streams
from talk_calls.webhooks.requests import Attempt
from tests.factories import ConversationFactory, UserFactory
from tests.privacy import scan
from tests.privacy.test_erasure import mentions, statistics
from tests.times import at


class HostError(Exception):
    """Something in the host's transaction fails."""


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["memberships", "calls", "events", "legs", "days"])
def test_killed_and_repeated(life, name):
    """A process that is killed before it commits a batch leaves nothing that a second cannot do."""
    [holding] = (each for each in HOLDINGS if each.name == name)
    figures = statistics()
    connections.close_all()
    if not (child := os.fork()):
        erase = type(holding).erase

        def erase_and_die(*args):
            erase(*args)
            os.kill(os.getpid(), signal.SIGKILL)

        type(holding).erase = erase_and_die
        try:
            erasure.erase(life.anna)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert mentions() != []
    erasure.erase(life.anna)
    assert mentions() == []
    assert statistics() == figures
    assert statistics(counted=True) == figures


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_at_once(life):
    """Both succeed, nothing is left, and the figures of statistics stay."""
    figures = statistics()
    start = Barrier(2)

    def erase(_: int) -> None:
        try:
            start.wait(timeout=30)
            erasure.erase(life.anna)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(erase, range(2)))
    assert mentions() == []
    assert statistics() == figures
    assert statistics(counted=True) == figures


@pytest.mark.django_db
def test_a_deletion_that_is_rolled_back(life):
    """An account that stays keeps everything."""
    before = scan.rows()
    key = life.anna.pk
    with suppress(HostError), transaction.atomic():
        life.anna.delete()
        raise HostError
    life.anna.pk = key
    life.anna.refresh_from_db()
    assert scan.rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize("when", ["before the events are erased", "after"])
def test_an_answer_that_comes_late(when, monkeypatch):
    """It may repeat what was sent, whenever it arrives."""
    anna, room = UserFactory(username="anna"), ConversationFactory()
    endpoint = endpoints.create(name="Billing", url="https://billing.example/")
    OutboxEvent.objects.create(
        conversation_id=room.pk,
        conversation_token=room.token,
        type="call.missed",
        at=at(1),
        payload={"user_ids": ["anna"]},
        for_webhooks=True,
    )
    distribution.distribute(at(1))
    [claim] = streams.claim(endpoint, 1, at(1))

    def answer() -> None:
        streams.store(claim, Attempt(400, "no anna here", "HTTP 400"), at(3), goes_on=False)

    if when == "after":
        erasure.erase(anna, now=at(2))
        answer()
    else:
        batches = Events.batches

        def late(self, person):
            answer()
            yield from batches(self, person)

        monkeypatch.setattr(Events, "batches", late)
        erasure.erase(anna, now=at(2))
    delivery = WebhookDelivery.objects.get()
    assert (delivery.response, delivery.attempts) == ("", 1)
