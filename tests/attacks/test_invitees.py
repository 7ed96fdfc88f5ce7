"""The address of an e-mail invitee is not found by trying addresses against what others see."""

import base64
import hashlib
import hmac
import itertools
from collections.abc import Iterator

import pytest

from talk_calls.constants import ActorType
from talk_calls.models import Attendee, Conversation
from tests.factories import ConversationFactory
from tests.people import Person, arrive

pytestmark = pytest.mark.django_db

ADDRESS = "carol@example.org"
#: What an attacker has: names, of which the shown one is right, and common domains.
WORDS = [
    f"{name}@{domain}"
    for name in ("alice", "bob", "carol", "Carol", "info")
    for domain in ("example.com", "example.net", "example.org", "mail.example")
]


@pytest.fixture
def room() -> Conversation:
    return ConversationFactory()


def invite(owner: Person, address: str = ADDRESS) -> Attendee:
    data = {"newParticipant": address, "source": "emails"}
    assert owner.room("post", "/participants", data).http == 200
    return Attendee.objects.get(
        conversation=owner.conversation, actor_type=ActorType.EMAILS, actor_id=address
    )


def shown(person: Person) -> dict[int, dict]:
    """Return what a participant reads about each invitee, by the number of the attendee."""
    people = person.room("get", "/participants").data
    return {each["attendeeId"]: each for each in people if each["actorType"] == "emails"}


def guesses(*known: object) -> Iterator[str]:
    """Yield what a server may make of an address, with and without what everybody knows."""
    salts = ["", *(str(each) for each in known)]
    for word, salt in itertools.product(WORDS, salts):
        texts = {f"{salt}{sep}{word}" for sep in ("", ":", "/", "-")}
        texts |= {f"{word}{sep}{salt}" for sep in ("", ":", "/", "-")}
        for text, name in itertools.product(texts, ("md5", "sha1", "sha256", "sha512", "blake2b")):
            digest = hashlib.new(name, text.encode())
            yield digest.hexdigest()
            yield base64.b64encode(digest.digest()).decode()
        for name in ("md5", "sha1", "sha256"):
            yield hmac.new(salt.encode(), word.encode(), name).hexdigest()


@pytest.mark.parametrize("version", ["v3", "v4"])
@pytest.mark.parametrize("who", ["member", "self-joined", "guest moderator"])
def test_a_word_list_finds_no_address(room, version, who):
    """No value that others read of an invitee is a hash of an address on the list."""
    owner = arrive("owner", room, version=version)
    person = arrive(who, room, version=version)
    invitee = invite(owner)
    [seen] = shown(person).values()
    values = {str(value) for value in seen.values()}
    assert not any(ADDRESS in value or "example.org" in value for value in values)
    known = (room.token, room.pk, invitee.pk, person.session.session_id)
    found = [
        (guess, value)
        for guess in guesses(*known)
        for value in values
        if len(value) >= 8 and (value in guess or guess in value)
    ]
    assert found == []


def test_the_list_would_find_a_plain_hash():
    """Else the test above would prove nothing."""
    assert hashlib.sha256(ADDRESS.encode()).hexdigest() in set(guesses("x"))


def test_ids_do_not_tell_that_two_addresses_are_one(room):
    """The same address has another id elsewhere, so nobody compares conversations."""
    other = ConversationFactory()
    ids = []
    for each in (room, other):
        owner, member = arrive("owner", each, version="v4"), arrive("member", each, version="v4")
        invite(owner)
        [seen] = shown(member).values()
        ids.append(seen["actorId"])
    assert len(set(ids)) == 2


def test_an_id_stays(room, settings):
    """While other people come and go, and when the site changes its key."""
    owner, member = arrive("owner", room, version="v4"), arrive("member", room, version="v4")
    invitee = invite(owner)
    before = shown(member)[invitee.pk]
    invite(owner, "dora@example.org")
    settings.SECRET_KEY = "another"
    after = shown(member)[invitee.pk]
    assert after["actorId"] == before["actorId"]
    assert len({each["actorId"] for each in shown(member).values()}) == 2


def test_an_address_is_invited_once(room):
    """Look-ups by address go on working: no second row."""
    owner = arrive("owner", room, version="v4")
    first = invite(owner)
    data = {"newParticipant": f" {ADDRESS.upper()} ", "source": "emails"}
    assert owner.room("post", "/participants", data).http == 200
    assert list(Attendee.objects.filter(actor_type=ActorType.EMAILS)) == [first]


def test_moderators_see_the_address(room):
    """They invited it, and remove it."""
    owner = arrive("owner", room, version="v4")
    invitee = invite(owner)
    assert shown(owner)[invitee.pk]["actorId"] == ADDRESS
    answer = owner.room("delete", "/attendees", {"attendeeId": invitee.pk})
    assert answer.http == 200
    assert not shown(owner)
