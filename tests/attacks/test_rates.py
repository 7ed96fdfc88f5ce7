"""Nobody makes guests, conversations or mails without end, and honest people never notice."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.api.throttling import rates
from talk_calls.conf import DEFAULTS, conf
from talk_calls.constants import ActorType, ConversationType
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import app_passwords, invitations
from tests.contract.expected import refused
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient
from tests.people import Person, arrive

pytestmark = pytest.mark.django_db

HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def room() -> Conversation:
    return ConversationFactory()


@pytest.fixture
def limits(settings, monkeypatch):
    """Return a function that sets limits; they are counted in one minute, however long it takes."""
    moment = 1_800_000_060 + 20
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: moment))

    def set_limits(**values: Any) -> None:
        settings.TALK_CALLS = values

    return set_limits


def come(room: Conversation, address: str = HERE, password: str = "", **kwargs) -> OCSAnswer:
    """Come in as a guest nobody has seen before."""
    device = OCSClient(browser=Client(REMOTE_ADDR=address), **kwargs)
    data = {"password": password} if password else {}
    return device.post(f"room/{room.token}/participants/active", data)


def too_many(answer: OCSAnswer, sentence: str, within: int = 60) -> bool:
    """Return whether the answer is 429 with a ``Retry-After`` of at most ``within`` seconds."""
    seconds = int(answer.response["Retry-After"])
    message = f"{sentence} Expected available in {seconds} second{'s' * (seconds != 1)}."
    assert answer.whole == refused(answer, 429, message)
    return 0 < seconds <= within


# Guests


@pytest.mark.parametrize("entry", [1, 2])
def test_guests_of_one_address(room, limits, version, wire, entry):
    """The next guest is 429 and leaves no row; other addresses are not meant."""
    limits(GUESTS_PER_MINUTE=3)
    kwargs = {"version": version, "wire": wire, "entry": entry}
    assert [come(room, **kwargs).code for _ in range(3)] == [100 if entry == 1 else 200] * 3
    assert too_many(come(room, **kwargs), "Too many guests.")
    assert Attendee.objects.count() == Session.objects.count() == 3
    assert come(room, THERE).http == 200


def test_guests_of_one_address_everywhere(limits):
    """They are counted over all conversations and versions, and an IPv6 network is one address."""
    limits(GUESTS_PER_MINUTE=4)
    answers = [
        come(ConversationFactory(), f"2001:db8::{number}", version=f"v{number}").http
        for number in (1, 2, 3, 4)
    ]
    assert answers == [200] * 4
    assert come(ConversationFactory(), "2001:db8::ffff").http == 429


def test_who_is_in_is_no_new_guest(room, limits, version):
    """Joining again is not counted and never refused, and neither is anything that users do."""
    limits(GUESTS_PER_MINUTE=1)
    guest = arrive("guest", room, version=version)
    for _ in range(3):
        assert guest.room("post", "/participants/active").http == 200
    member = arrive("member", room, version=version)
    stranger = arrive("stranger", room, version=version)
    for person in (member, stranger):
        assert person.room("post", "/participants/active").http == 200
    assert too_many(
        Person(OCSClient(), room).room("post", "/participants/active"), "Too many guests."
    )


def test_what_makes_no_guest_is_not_counted(limits):
    """Neither conversations that are not there, nor asking whether there is a password."""
    limits(GUESTS_PER_MINUTE=1)
    secret = ConversationFactory(password=make_password("sesame"))
    private = ConversationFactory(type=ConversationType.GROUP)
    for _ in range(3):
        assert come(private).http == 404
        assert come(secret).http == 403
    assert come(secret, password="sesame").http == 200
    assert come(secret, password="sesame").http == 429


def test_refused_guest_costs_no_slow_hash(limits, monkeypatch):
    """The refusal comes before the password is verified, and uses up no guess."""
    limits(GUESTS_PER_MINUTE=1)
    secret = ConversationFactory(password=make_password("sesame"))
    assert come(secret, password="sesame").http == 200
    monkeypatch.setattr("talk_calls.services.sessions.check_password", pytest.fail)
    assert come(secret, password="sesame").http == 429


def test_a_class_behind_one_address(room):
    """Sixty people come by default, each in two windows, one of which lost its cookie."""
    assert all(come(room).http == 200 for _ in range(60 * 3))


def test_the_defaults_stop_a_flood():
    """Of guests of one address, some hundreds are there at once, with and without a sweeper."""
    per_minute, most = DEFAULTS["GUESTS_PER_MINUTE"], DEFAULTS["MAX_PARTICIPANTS"]
    assert per_minute * (DEFAULTS["SESSION_KILL"] / 60 + 1) <= most <= 1000


# Conversations


@pytest.fixture
def alice(db) -> Any:
    return UserFactory(username="alice")


def app_of(user: Any, version: str = "v4", address: str = HERE) -> OCSClient:
    """Return an app of a user."""
    _, secret = app_passwords.create(user=user, name="test")
    browser = Client(REMOTE_ADDR=address)
    return OCSClient(version=version, username=user.username, password=secret, browser=browser)


def test_conversations_of_one_user(alice, limits, version):
    """All kinds are counted together, wherever the user is."""
    limits(CONVERSATIONS_PER_MINUTE=4)
    Group.objects.create(name="staff")
    app = app_of(alice, version)
    for data in (
        {"roomType": 2, "roomName": "a"},
        {"roomType": 3, "roomName": "b"},
        {"roomType": 2, "invite": "staff"},
        {"roomType": 1, "invite": UserFactory().username},
    ):
        assert app.post("room", data).http == 201
        other = app_of(alice, version, THERE)
    for data in (
        {"roomType": 3, "roomName": "c"},
        {"roomType": 1, "invite": UserFactory().username},
    ):
        assert too_many(other.post("room", data), "Too many conversations.")
    assert Conversation.objects.count() == 4
    assert app_of(UserFactory()).post("room", {"roomType": 3, "roomName": "d"}).http == 201


def test_an_existing_one_to_one_is_not_counted(alice, limits):
    """Apps ask for it whenever somebody is called."""
    limits(CONVERSATIONS_PER_MINUTE=1)
    app, bob = app_of(alice), UserFactory()
    answers = [app.post("room", {"roomType": 1, "invite": bob.username}).http for _ in range(3)]
    assert answers == [201, 200, 200]


def test_what_cannot_be_read_is_not_counted(alice, limits):
    """A client that asks for something else makes nothing."""
    limits(CONVERSATIONS_PER_MINUTE=1)
    app = app_of(alice)
    for _ in range(3):
        assert app.post("room", {"roomType": 9, "roomName": "x"}).http == 400
    assert app.post("room", {"roomType": 3, "roomName": "x"}).http == 201


def test_a_one_to_one_with_nobody_is_counted(alice, limits):
    """It is as one with somebody who is hidden, whom a different answer would reveal."""
    limits(CONVERSATIONS_PER_MINUTE=1)
    app = app_of(alice)
    answers = [app.post("room", {"roomType": 1, "invite": "nobody"}).http for _ in range(2)]
    assert answers == [404, 429]


# Mails


def invite(person: Person, address: str) -> OCSAnswer:
    data = {"newParticipant": address, "source": "emails"}
    return person.room("post", "/participants", data)


@pytest.mark.parametrize("what", ["conversation", "user", "address", "site"])
def test_mails(room, limits, what, version, django_capture_on_commit_callbacks):
    """Beyond each limit nobody is invited and nothing is sent."""
    limits(MAILS_PER_HOUR={what: 2})
    owner = arrive("owner", room, version=version)
    with django_capture_on_commit_callbacks(execute=True):
        answers = [invite(owner, f"{number}@example.org") for number in range(3)]
    assert [answer.http for answer in answers[:2]] == [200, 200]
    assert too_many(answers[2], "Too many invitations.", within=3600)
    assert len(mail.outbox) == 2
    assert Attendee.objects.filter(actor_type=ActorType.EMAILS).count() == 2
    # Others are limited by what they share.
    elsewhere = arrive("owner", ConversationFactory(), version=version)
    elsewhere.device.browser = Client(REMOTE_ADDR=THERE)
    assert invite(elsewhere, "0@example.org").http == (429 if what == "site" else 200)


#: Spellings of one address.
CAROL = ["carol@example.org", "Carol@Example.org", " carol@example.org", "CAROL@\uff45xample.org"]


def test_mails_to_one_recipient(limits):
    """However many conversations and users there are, one mailbox is not flooded."""
    limits(MAILS_PER_HOUR={"recipient": 3})
    owners = [arrive("owner", ConversationFactory()) for _ in range(4)]
    answers = [invite(*each).http for each in zip(owners, CAROL, strict=True)]
    assert answers == [200, 200, 200, 429]
    assert invite(owners[3], "dora@example.org").http == 200


def test_mails_of_new_conversations_to_one_recipient(limits):
    """Whoever is invited to many new conversations, in whatever spelling, is not flooded either."""
    limits(MAILS_PER_HOUR={"recipient": 3})

    def create(*addresses: str) -> int:
        owner = arrive("owner", ConversationFactory(), version="v4")
        people = {"roomType": 3, "roomName": "Tea", "participants": {"emails": addresses}}
        return owner.device.request("post", "room", json=json.dumps(people)).http

    assert create(*CAROL) == 201  # is one mail
    assert [create(spelling) for spelling in CAROL[1:]] == [201, 201, 429]
    assert create("dora@example.org") == 201


def test_mails_sent_again(room, limits, django_capture_on_commit_callbacks):
    """They count as the first ones; all of them or none."""
    limits(MAILS_PER_HOUR={"conversation": 5})
    owner = arrive("owner", room, version="v4")
    for number in range(3):
        assert invite(owner, f"{number}@example.org").http == 200
    Attendee.objects.update(mailed_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        answer = owner.room("post", "/participants/resend-invitations")
    assert too_many(answer, "Too many invitations.", within=3600)
    assert mail.outbox == []
    one = {"attendeeId": Attendee.objects.filter(actor_type=ActorType.EMAILS).first().pk}
    with django_capture_on_commit_callbacks(execute=True):
        assert owner.room("post", "/participants/resend-invitations", one).http == 200
    assert len(mail.outbox) == 1


def test_no_mail_is_not_counted(room, limits):
    """Neither who was invited before, nor what is no address, nor what was just sent."""
    limits(MAILS_PER_HOUR={"conversation": 1})
    owner = arrive("owner", room, version="v4")
    assert invite(owner, "nobody").http == 400
    for _ in range(3):
        assert invite(owner, "carol@example.org").http == 200
        assert owner.room("post", "/participants/resend-invitations").http == 200
    assert invite(owner, "dora@example.org").http == 429


def test_operators_mail_without_limit(room, limits):
    """The limit is one of requests to the API."""
    limits(MAILS_PER_HOUR={"conversation": 1, "site": 1})
    for number in range(3):
        invitations.invite_email(
            conversation=room,
            address=f"{number}@example.org",
            site="https://example.org/",
            performed_by=None,
            now=timezone.now(),
        )


def test_a_limit_left_out_is_the_default(limits):
    """Sites name only what they change, and 0 is no limit."""
    limits(MAILS_PER_HOUR={"site": 0})
    assert conf.mails_per_hour == {**DEFAULTS["MAILS_PER_HOUR"], "site": 0}


# How many people a conversation has


def is_full(answer: OCSAnswer) -> bool:
    return answer.whole == refused(answer, 400, "The conversation is full")


NEWCOMERS = {
    "guest": ("nobody", {}),
    "self-joined": ("stranger", {}),
    "listed": ("stranger", {"listable": 1}),
}


@pytest.mark.parametrize("who", NEWCOMERS)
@pytest.mark.parametrize("wire", ["json", "xml"])
def test_full(limits, who, version, wire):
    """Newcomers are refused and leave no row; who belongs to it comes and goes."""
    limits(MAX_PARTICIPANTS=2)
    person, fields = NEWCOMERS[who]
    room = ConversationFactory(**fields)
    guest, member = (arrive(each, room, version=version) for each in ("guest", "member"))
    newcomer = arrive(person, room, version=version, wire=wire)
    for _ in range(2):
        assert is_full(newcomer.room("post", "/participants/active"))
        assert guest.room("post", "/participants/active").http == 200
        assert member.room("post", "/participants/active").http == 200
    assert Attendee.objects.count() == 2
    guest.room("delete", "/participants/active")
    assert newcomer.room("post", "/participants/active").http == 200


def test_full_for_invitations(room, limits, version):
    """Users and addresses are not invited beyond the bound; members are invited again."""
    limits(MAX_PARTICIPANTS=2)
    owner, member = (arrive(each, room, version=version) for each in ("owner", "member"))
    other = UserFactory()
    assert is_full(owner.room("post", "/participants", {"newParticipant": other.username}))
    assert is_full(invite(owner, "carol@example.org"))
    again = {"newParticipant": member.attendee.user.username}
    assert owner.room("post", "/participants", again).http == 200
    assert Attendee.objects.count() == 2
    assert mail.outbox == []


def test_who_is_gone_makes_room_for_invitations(room, limits):
    """Guests who stopped polling keep nobody from being invited."""
    limits(MAX_PARTICIPANTS=3)
    owner = arrive("owner", room)
    for _ in range(2):
        assert come(room).http == 200
    other = {"newParticipant": UserFactory().username}
    assert is_full(owner.room("post", "/participants", other))
    guests = Session.objects.filter(attendee__user=None)
    guests.update(last_ping=timezone.now() - timedelta(seconds=101))
    assert owner.room("post", "/participants", other).http == 200
    assert invite(owner, "carol@example.org").http == 200


def test_whom_the_host_brings_needs_no_room(room, limits):
    """Members of groups and of the site's objects do not count, and operators are not refused."""
    limits(MAX_PARTICIPANTS=2)
    AttendeeFactory.create_batch(3, conversation=room, by_host=True)
    AttendeeFactory.create_batch(3, conversation=room, by_group=True)
    assert [come(room).http for _ in range(3)] == [200, 200, 400]
    invitations.invite_user(conversation=room, user_id=UserFactory().username)


def test_no_bound(room, limits):
    """With 0 nobody is counted."""
    limits(MAX_PARTICIPANTS=0)
    AttendeeFactory.create_batch(5, conversation=room)
    assert come(room).http == 200


def test_the_bound_costs_members_nothing(room):
    """Only newcomers are counted, in one statement that reads no more rows than the bound."""
    member = arrive("member", room)
    GuestFactory.create_batch(20, conversation=room)
    assert statements(lambda: member.room("post", "/participants/active"), "LIMIT 1001") == []
    [counted] = statements(lambda: come(room), "LIMIT 1001")
    assert "COUNT(*)" in counted


def statements(request: Callable[[], OCSAnswer], part: str) -> list[str]:
    """Return the statements of a successful request that have ``part`` in them."""
    with CaptureQueriesContext(connection) as captured:
        assert request().http == 200
    return [each["sql"] for each in captured if part in each["sql"]]
