"""Events arrive: in order, numbered, signed, and from one slow receiver to no other."""

import time
from datetime import timedelta

import pytest

from talk_calls.host import clock
from talk_calls.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookStream
from talk_calls.models.webhooks import NO_CLAIM, DeliveryState, DisabledReason
from talk_calls.webhooks import delivery, distribution, endpoints, retries, streams
from talk_calls.webhooks.delivery import Delivered, deliver_once
from talk_calls.webhooks.replay import replay
from talk_calls.webhooks.requests import Attempt
from talk_calls.webhooks.testing import send_test
from tests.patience import TooLate, in_time
from tests.webhooks.conftest import happen

pytestmark = pytest.mark.django_db


def make_due() -> None:
    """Let the time of all pauses pass."""
    past = clock.now() - timedelta(seconds=1)
    WebhookDelivery.objects.pending().update(next_attempt_at=past)
    WebhookStream.objects.filter(due_at__isnull=False).update(due_at=past)


def numbers(receiver, conversation: int) -> list[int]:
    return [
        body["number"] for body in receiver.bodies if body["conversation"]["id"] == conversation
    ]


def test_events_arrive_in_order(endpoint, receiver):
    """Each conversation has its own numbers from 1 on, and every body is signed."""
    happen(1, "call.started", "call.joined", "call.ended")
    happen(2, "call.started")
    assert deliver_once() == Delivered(events=4, deliveries=4, delivered=4)
    assert numbers(receiver, 1) == [1, 2, 3]
    assert numbers(receiver, 2) == [1]
    bodies = receiver.verified(endpoint.secret)
    event = OutboxEvent.objects.get(conversation_id=2)
    assert bodies[[body["conversation"]["id"] for body in bodies].index(2)] == {
        "type": "call.started",
        "version": 1,
        "id": str(event.uid),
        "number": 1,
        "timestamp": "2026-01-02T03:04:05Z",
        "conversation": {"id": 2, "token": "token2"},
        "data": {"place": 0},
    }
    assert {headers["webhook-id"] for headers, _, _ in receiver.arrived} == {
        body["id"] for body in bodies
    }
    done = WebhookDelivery.objects.get(event=event)
    assert (done.state, done.attempts, done.status_code) == ("delivered", 1, 204)
    assert done.delivered_at is not None
    stream = WebhookStream.objects.get(conversation_id=2)
    assert (stream.due_at, stream.claimed_until, stream.last_number) == (None, NO_CLAIM, 1)


def test_an_endpoint_gets_what_it_wants(receiver, other_receiver):
    """Numbers count what the endpoint gets; what nobody wants is deleted."""
    endpoints.create(name="Calls", url=receiver.url, event_types=["call.*"])
    endpoints.create(name="Audit", url=other_receiver.url, event_types=["moderation"])
    happen(1, "call.started", "moderation", "session.opened", "call.ended")
    assert deliver_once() == Delivered(events=4, deliveries=3, delivered=3)
    assert [body["type"] for body in receiver.bodies] == ["call.started", "call.ended"]
    assert numbers(receiver, 1) == [1, 2]
    assert [body["type"] for body in other_receiver.bodies] == ["moderation"]
    assert not OutboxEvent.objects.filter(for_webhooks=True).exists()


def test_an_event_waits_for_the_one_before(endpoint, receiver):
    """The second event of a conversation is sent only after the first was received."""
    receiver.answer = lambda handler: 500
    happen(1, "call.started", "call.ended")
    happen(2, "call.started")
    deliver_once()
    assert (numbers(receiver, 1), numbers(receiver, 2)) == ([1], [1])
    failed = WebhookDelivery.objects.get(conversation_id=1, number=1)
    assert (failed.state, failed.attempts, failed.error) == ("pending", 1, "HTTP 500")
    assert failed.response == "thanks"
    receiver.answer = lambda handler: 200
    make_due()
    deliver_once()
    assert numbers(receiver, 1) == [1, 1, 2]
    assert receiver.arrived[0][1] in [body for _, body, _ in receiver.arrived[2:]]


def test_what_is_given_up_leaves_a_gap(endpoint, receiver):
    """After two days and eight attempts the stream goes on with the next event."""
    receiver.answer = lambda handler: 500 if b'"number": 1' in handler.body else 200
    happen(1, "call.started", "call.ended")
    for _ in range(retries.LEAST_ATTEMPTS - 1):
        deliver_once()
        make_due()
    first = WebhookDelivery.objects.filter(number=1)
    first.update(queued_at=clock.now() - retries.GIVEN_UP_AFTER)
    assert first.get().state == DeliveryState.PENDING
    deliver_once()
    assert first.get().state == DeliveryState.DEAD
    deliver_once()
    assert numbers(receiver, 1) == [1] * retries.LEAST_ATTEMPTS + [2]


def test_after_one_that_was_given_up_one_attempt_is_enough(endpoint, receiver):
    """Old events of a conversation that is always refused do not queue for ever; new ones wait."""
    receiver.answer = lambda handler: 500
    happen(1, *["call.joined"] * 4)
    distribution.distribute(clock.now())
    old = WebhookDelivery.objects.filter(number__lt=4)
    old.update(queued_at=clock.now() - retries.GIVEN_UP_AFTER)
    for _ in range(retries.LEAST_ATTEMPTS):
        deliver_once()
        make_due()
    assert list(WebhookDelivery.objects.order_by("number").values_list("state", "attempts")) == [
        (DeliveryState.DEAD, retries.LEAST_ATTEMPTS),
        (DeliveryState.DEAD, 1),
        (DeliveryState.DEAD, 1),
        (DeliveryState.PENDING, 1),
    ]


def test_what_died_with_a_disabled_endpoint_is_no_reason_to_give_up(endpoint, receiver):
    """The endpoint was enabled again: the next delivery gets all of its attempts."""
    receiver.answer = lambda handler: 500
    happen(1, "call.started", "call.ended")
    distribution.distribute(clock.now())
    long_ago = clock.now() - timedelta(days=10)
    WebhookDelivery.objects.update(queued_at=long_ago)
    first = WebhookDelivery.objects.filter(number=1)
    first.update(state=DeliveryState.DEAD, next_attempt_at=None, last_attempt_at=long_ago)
    deliver_once()
    second = WebhookDelivery.objects.get(number=2)
    assert (second.state, second.attempts) == (DeliveryState.PENDING, 1)


def test_few_attempts_are_no_reason_to_give_up(endpoint, receiver):
    """Where nothing was sent for days, as nobody ran the command, the receiver is not to blame."""
    receiver.answer = lambda handler: 500
    happen(1)
    deliver_once()
    WebhookDelivery.objects.update(queued_at=clock.now() - timedelta(days=30))
    make_due()
    deliver_once()
    assert WebhookDelivery.objects.get().state == DeliveryState.PENDING


def test_gone_disables_the_endpoint(endpoint, receiver):
    """410 says that nothing more is wanted; what waits is sent if an operator enables it again."""
    receiver.answer = lambda handler: 410
    happen(1, "call.started", "call.ended")
    deliver_once()
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.disabled_reason) == (False, DisabledReason.GONE)
    make_due()
    happen(1, "call.started")
    assert deliver_once() == Delivered(events=1)
    receiver.answer = lambda handler: 200
    endpoints.enable(endpoint)
    happen(1, "call.ended")
    deliver_once()
    # 3 is left out, as the receiver did not get what happened meanwhile.
    assert numbers(receiver, 1) == [1, 1, 2, 4]


def test_failing_for_days_disables_the_endpoint(endpoint, receiver):
    """Not after a failure now and then, but if nothing succeeds for days in spite of attempts."""
    receiver.answer = lambda handler: 500
    happen(1)
    deliver_once()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    WebhookEndpoint.objects.update(failing_since=clock.now() - retries.DISABLED_AFTER)
    make_due()
    deliver_once()
    endpoint.refresh_from_db()
    assert endpoint.is_enabled
    WebhookDelivery.objects.update(attempts=retries.LEAST_ATTEMPTS - 1)
    make_due()
    deliver_once()
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert endpoint.disabled_reason == DisabledReason.FAILING


def test_a_success_ends_a_failure(endpoint, receiver):
    WebhookEndpoint.objects.update(failing_since=clock.now())
    happen(1)
    deliver_once()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None
    assert endpoint.last_success_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_hangs_delays_nobody(receiver, other_receiver):
    """One hangs for its whole time-out in hundreds of conversations; the other has all at once."""
    endpoints.create(name="Hangs", url=receiver.url)
    endpoints.create(name="Works", url=other_receiver.url, event_types=["call.ended"])
    receiver.answer = lambda handler: time.sleep(3)
    for conversation in range(1, 301):
        happen(conversation, "call.ended" if conversation % 10 == 0 else "call.started")
    start = time.monotonic()
    deliver_once(seconds=8)
    times = [at - start for _, _, at in other_receiver.arrived]
    if len(times) < 30:
        raise TooLate(f"{len(times)} of 30 arrived in 8 s")
    # What hangs would take 2 s for each four of its 300.
    in_time(max(times), 8)
    assert len(receiver.arrived) < 100


def test_a_claim_that_ended_stores_nothing(endpoint, receiver):
    """A process that was suspended comes back after another one has taken the stream."""
    happen(1)
    now = clock.now()
    distribution.distribute(now)
    (mine,) = streams.claim(endpoint, 4, now)
    assert streams.claim(endpoint, 4, clock.now()) == []
    later = mine.until + timedelta(seconds=1)
    (theirs,) = streams.claim(endpoint, 4, later)
    assert streams.store(mine, Attempt(status_code=500), later, goes_on=True) is None
    assert WebhookDelivery.objects.get().attempts == 0
    streams.store(theirs, Attempt(status_code=200), later, goes_on=True)
    assert WebhookDelivery.objects.get().state == DeliveryState.DELIVERED


def test_an_answer_to_what_was_erased_meanwhile_is_not_kept(endpoint):
    """It may repeat what the event said about the person."""
    (event,) = happen(1)
    now = clock.now()
    distribution.distribute(now)
    (claim,) = streams.claim(endpoint, 4, now)
    OutboxEvent.objects.filter(pk=event.pk).update(payload={})
    answer = Attempt(status_code=500, error="HTTP 500", response="Who is alice?")
    streams.store(claim, answer, now, goes_on=False)
    failed = WebhookDelivery.objects.get()
    assert (failed.attempts, failed.error, failed.response) == (1, "HTTP 500", "")


def test_a_loop_gives_its_claims_back(endpoint, receiver):
    """A stopped deliverer stores what runs, and starts nothing more."""
    happen(1, "call.started", "call.ended")
    with delivery.Deliverer() as deliverer:
        deliverer._look()
        deliverer.finish()
    assert numbers(receiver, 1) == [1]
    stream = WebhookStream.objects.get()
    assert stream.claimed_until == NO_CLAIM
    assert stream.due_at is not None


@pytest.mark.parametrize(
    ("asked", "least"), [("3600", 3600), ("999999999", 6 * 3600), ("never", 0), ("-5", 0)]
)
def test_receivers_may_ask_for_a_pause(endpoint, receiver, asked, least):
    """``Retry-After`` counts if it is longer than the pause, for six hours at most."""

    def answer(handler):
        handler.send_response(503)
        handler.send_header("Retry-After", asked)
        handler.end_headers()

    receiver.answer = answer
    happen(1)
    deliver_once()
    pause = WebhookDelivery.objects.get().next_attempt_at - clock.now()
    assert least - 5 < pause.total_seconds() <= least + 5


def test_replay(endpoint, receiver):
    """What was delivered comes once more with the same body, before what is new."""
    happen(1, "call.started", "call.ended")
    deliver_once()
    assert replay(WebhookDelivery.objects.filter(number=1)) == 1
    happen(1, "call.started")
    deliver_once()
    assert numbers(receiver, 1) == [1, 2, 1, 3]
    assert receiver.arrived[2][1] == receiver.arrived[0][1]
    assert receiver.arrived[2][0]["webhook-id"] == receiver.arrived[0][0]["webhook-id"]


def test_replay_of_the_dead(endpoint, receiver):
    """Their attempts are counted from here on."""
    happen(1)
    distribution.distribute(clock.now())
    WebhookDelivery.objects.update(state="dead", attempts=50, next_attempt_at=None)
    WebhookStream.objects.update(due_at=None)
    assert replay(endpoint.deliveries.dead()) == 1
    assert deliver_once().delivered == 1


def test_rotation_signs_with_both(endpoint, receiver):
    """For a day receivers verify with either secret, then with the new one only."""
    old = endpoint.secret
    new = endpoints.rotate_secret(endpoint)
    happen(1)
    deliver_once()
    assert receiver.verified(old) == receiver.verified(new)
    assert endpoints.secrets_of(endpoint, clock.now() + endpoints.ROTATION) == [new]


def test_test_event(endpoint, receiver):
    """It is signed like all, and nothing of it is stored."""
    endpoints.disable(endpoint)
    attempt = send_test(endpoint)
    assert (attempt.status_code, attempt.response, attempt.error) == (204, "", "")
    (body,) = receiver.verified(endpoint.secret)
    assert (body["type"], body["number"], body["conversation"]) == ("test", 0, None)
    assert not OutboxEvent.objects.exists()
