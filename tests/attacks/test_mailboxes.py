"""Mailboxes that somebody floods: they stay small, and nobody else loses anything by it."""

import json
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.conf import DEFAULTS
from talk_calls.models import Session, SignalingMessage
from talk_calls.signaling import poll
from tests.attacks.cpu import allowed
from tests.factories import ConversationFactory
from tests.people import arrive
from tests.signaling.conftest import messages, offer, pull, send

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch):
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=0.05))


@pytest.fixture(autouse=True)
def _small(settings):
    """Let a mailbox have 40 messages and 400,000 bytes, so that a sender has 10 and 100,000."""
    settings.TALK_CALLS = {"MAILBOX_MESSAGES": 40, "MAILBOX_BYTES": 400_000}


@pytest.fixture
def people():
    room = ConversationFactory()
    return [arrive(who, room) for who in ("owner", "moderator", *["member"] * 6)]


def candidate(to, **fields):
    return {"to": to.session.session_id, "type": "candidate", "payload": {}, **fields}


def waiting(person) -> list[dict]:
    rows = SignalingMessage.objects.filter(recipient=person.session.pk).order_by("pk")
    return [json.loads(text) for text in rows.values_list("text", flat=True)]


def sids(person, sender=None) -> list[str]:
    return [
        each["sid"]
        for each in waiting(person)
        if sender is None or each["from"] == sender.session.session_id
    ]


def numbered(make, to, numbers, **fields):
    return [make(to, sid=str(number), **fields) for number in numbers]


def test_old_candidates_of_a_sender_make_room(people):
    """Beyond a sender's part its oldest candidates go; offers, and whatever else, stay."""
    ada, bob, *_ = people
    send(ada, *numbered(offer, bob, range(3)), {**offer(bob, sid="mute"), "type": "mute"})
    for number in range(10):
        assert send(ada, candidate(bob, sid=f"c{number}")).http == 200
    assert sids(bob) == ["0", "1", "2", "mute", *(f"c{number}" for number in range(4, 10))]


def test_many_candidates_in_one_request(people):
    """The newest stay, also where all come at once."""
    ada, bob, *_ = people
    assert send(ada, offer(bob, sid="o"), *numbered(candidate, bob, range(20))).http == 200
    assert sids(bob) == ["o", *map(str, range(11, 20))]


def test_bytes_count_as_well(people):
    """Few long messages are as much as many short ones."""
    ada, bob, *_ = people
    for number in range(10):
        assert send(ada, candidate(bob, sid=str(number), payload="x" * 30_000)).http == 200
    assert sids(bob) == ["7", "8", "9"]
    assert send(ada, offer(bob, payload="x" * 101_000)).http == 429


def test_offers_fill_a_part(people):
    """Where no candidate can go the request is 429, and nothing of it is sent; others may send."""
    ada, bob, carl, dora, *_ = people
    assert send(ada, *numbered(offer, bob, range(10))).http == 200
    assert send(ada, offer(dora), offer(bob)).http == 429
    assert waiting(dora) == []
    assert send(ada, candidate(bob, sid="new")).http == 429
    assert send(carl, offer(bob, sid="carl")).http == 200
    assert sids(bob) == [*map(str, range(10)), "carl"]


def test_nobody_pushes_out_what_another_sent(people):
    """A flood of one costs the others neither offers nor candidates."""
    ada, bob, carl, *_ = people
    send(carl, offer(bob, sid="o"), *numbered(candidate, bob, range(9)))
    for number in range(60):
        send(ada, candidate(bob, sid=f"ada {number}", payload="x" * 5_000))
    assert sids(bob, carl) == ["o", *map(str, range(9))]
    assert sids(bob, ada) == [f"ada {number}" for number in range(50, 60)]


def test_the_largest_makes_room(people):
    """In a mailbox that is full by many, candidates of whoever has most go, and nobody else's."""
    ada, bob, *others = people
    for number, other in enumerate(others[:4]):
        send(other, *numbered(candidate, bob, range(9 + (number == 2))))
    assert len(waiting(bob)) == 37
    assert send(ada, offer(bob), offer(bob), *numbered(candidate, bob, range(3))).http == 200
    assert len(waiting(bob)) == 40
    assert [len(sids(bob, other)) for other in others[:4]] == [8, 9, 9, 9]
    assert len(sids(bob, ada)) == 5


def test_a_full_mailbox_of_offers_is_full(people):
    """Several who fill a mailbox with offers keep others out, and push nothing out."""
    ada, bob, *others = people
    send(ada, *numbered(candidate, bob, range(3)))
    for other in others[:4]:
        send(other, *numbered(offer, bob, range(9)))
    assert send(others[5], *numbered(offer, bob, range(2))).http == 429
    assert send(others[5], offer(bob)).http == 200
    assert send(others[5], offer(bob)).http == 429
    assert len(sids(bob, ada)) == 3


def test_few_crowded_mailboxes_in_one_request(people):
    """Looking through mailboxes costs something, so one request does it for a few only."""
    ada, *others = people
    for other in others:
        send(ada, *numbered(candidate, other, range(10)))
    assert send(ada, *(candidate(other) for other in others[:5])).http == 200
    assert send(ada, *(candidate(other) for other in others[:6])).http == 429


def test_no_statement_more_than_usual(people, django_assert_num_queries):
    """A mailbox that is not crowded costs what it did: only others are looked through."""
    ada, bob, *_ = people
    send(ada, *numbered(candidate, bob, range(8)))
    with django_assert_num_queries(_statements(ada, bob)):
        send(ada, candidate(bob))
    assert len(waiting(bob)) == 10


@pytest.mark.parametrize(
    "to", ["\0", "a\0b", "\ud800", "é", "x" * 100_000, 7, None, ["x"], {"a": 1}, 2**70], ids=ascii
)
def test_recipients_that_cannot_be(people, to):
    """What is no session id reaches nobody, as all else that does not exist."""
    ada, *_ = people
    answer = send(ada, {"to": to, "type": "offer"})
    assert (answer.http, answer.data) == (200, [])
    assert not SignalingMessage.objects.exists()


@pytest.mark.parametrize("kind", [7, None, ["control"], {"type": "control"}, "candidate\0"])
def test_kinds_that_cannot_be(people, kind):
    """A message of any type that is no control arrives."""
    ada, bob, *_ = people
    send(ada, {**offer(bob), "type": kind})
    assert [each["type"] for each in messages(pull(bob))] == [kind]


def test_senders_cannot_claim_to_be_others(people):
    """The part that counts is that of the acting session, whatever a message says."""
    ada, bob, carl, *_ = people
    claim = {"from": carl.session.session_id, "payload": f'{{"from": "{carl.session.session_id}"'}
    for number in range(30):
        send(ada, candidate(bob, sid=str(number), **claim))
    send(carl, offer(bob, sid="carl"))
    assert sids(bob, ada) == [str(number) for number in range(20, 30)]


# --- answers ------------------------------------------------------------------------------------

#: Texts of 20,000 bytes each that grow most in an answer, by what they grow in.
FILLINGS = {"plain": "x" * 20_000, "quotes": '"' * 10_000, "markup": "&" * 20_000}


@pytest.mark.parametrize("wire", ["json", "xml"])
@pytest.mark.parametrize("filling", FILLINGS.values(), ids=FILLINGS)
def test_answers_are_bounded(people, settings, wire, filling):
    """Many long messages come in answers of up to 1 MiB, in order and each once."""
    settings.TALK_CALLS = {}
    bob = people[1]
    numbers = range(150)
    texts = [json.dumps({"from": str(number), **offer(bob, payload=filling)}) for number in numbers]
    SignalingMessage.objects.bulk_create(
        [SignalingMessage(recipient=bob.session.pk, text=text) for text in texts]
    )
    sent = [str(number) for number in numbers]
    bob.device.wire = wire
    got, answers = [], 0
    while len(got) < len(sent):
        answer = pull(bob)
        assert 0 < len(answer.response.content) <= MIB
        items = messages(answer)
        assert items
        got += [each["from"] for each in items]
        answers += 1
    assert got == sent
    assert answers > 3
    assert messages(pull(bob)) == []


def test_nothing_of_a_lost_answer_is_acknowledged_by_a_shorter_one(people, settings, monkeypatch):
    """Messages of a lost answer that do not fit into the next one come with the one after."""
    settings.TALK_CALLS = {}
    ada, bob, *_ = people
    send(ada, *(offer(bob, sid=str(number)) for number in range(3)))
    path = f"signaling/{bob.conversation.token}"
    lost = bob.device.get(path, {"acknowledged": 0})
    assert len(messages(lost)) == 3
    monkeypatch.setattr("talk_calls.signaling.mailbox.ANSWER_MAX_BYTES", 10)
    number, got = 0, []
    for _ in range(3):
        answer = bob.device.get(path, {"acknowledged": number})
        number = answer.response["X-Talk-Calls-Answer"]
        got += [each["sid"] for each in messages(answer)]
    assert got == ["0", "1", "2"]


def test_a_flood_costs_little(people, settings):
    """Sending into a full mailbox, and reading from it, take little CPU; so does a refusal."""
    settings.TALK_CALLS = {}
    ada, bob, *others = people
    filler = {"to": bob.session.session_id, "type": "candidate", "payload": "x" * 1_400}
    for other in others[:4]:
        text = json.dumps({"from": other.session.session_id, **filler})
        row = SignalingMessage(recipient=bob.session.pk, text=text)
        SignalingMessage.objects.bulk_create([row] * 500)
    assert min(_cost(lambda: send(ada, offer(bob))) for _ in range(5)) < allowed(0.05)
    assert min(_cost(lambda: send(others[0], candidate(bob))) for _ in range(5)) < allowed(0.05)
    assert len(waiting(bob)) == DEFAULTS["MAILBOX_MESSAGES"]
    assert min(_cost(lambda: pull(bob)) for _ in range(3)) < allowed(0.05)


def test_expired_messages_take_no_room(people):
    """What nobody gets any more keeps nobody out."""
    ada, bob, *_ = people
    send(ada, *numbered(offer, bob, range(10)))
    long_ago = Session.objects.get(pk=bob.session.pk).last_ping.replace(year=2020)
    SignalingMessage.objects.update(sent_at=long_ago)
    assert send(ada, offer(bob)).http == 200


def _statements(ada, other) -> int:
    """Return how many statements a message to an empty mailbox takes."""
    with CaptureQueriesContext(connection) as captured:
        send(ada, candidate(other))
    return len(captured)


def _cost(action) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start
