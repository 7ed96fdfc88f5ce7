"""``POST /room/{token}/participants`` with groups and e-mail addresses (behaviour 7.2)."""

import pytest
from django.contrib.auth.models import Group
from django.core import mail

from talk_calls.models import Attendee, Conversation
from tests.contract.expected import ok, refused
from tests.factories import ConversationFactory, UserFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

PATH = "/participants"


def invite(person, name: str, source: str):
    return person.room("post", PATH, {"newParticipant": name, "source": source})


@pytest.fixture
def hatters():
    group = Group.objects.create(name="hatters")
    group.user_set.add(UserFactory(username="bob"))
    return group


def test_group(version, wire, hatters):
    """The members of a group come in with it."""
    owner = arrive("owner", ConversationFactory(), version=version, wire=wire)
    answer = invite(owner, "hatters", "groups")
    assert answer.whole == ok(answer, [])
    assert Attendee.objects.filter(user__username="bob").exists()


@pytest.mark.parametrize(("kind", "data"), [(2, {"type": 3}), (3, [])])
def test_email(version, wire, kind, data, django_capture_on_commit_callbacks):
    """An address gets a link, and the answer reports if the conversation became public by it."""
    owner = arrive("owner", ConversationFactory(type=kind), version=version, wire=wire)
    with django_capture_on_commit_callbacks(execute=True):
        answer = invite(owner, "carol@example.org", "emails")
    assert answer.whole == ok(answer, data)
    [message] = mail.outbox
    assert f"http://testserver/call/{owner.conversation.token}" in message.body
    assert Conversation.objects.get().type == 3


@pytest.mark.parametrize(
    ("name", "source", "status"),
    [
        ("hares", "groups", 404),
        ("carol", "emails", 400),
        ("hatters", "circles", 400),
        ("hatters", "users", 404),
    ],
)
def test_nobody(version, hatters, name, source, status):
    """Unknown names and sources change nothing."""
    owner = arrive("owner", ConversationFactory(), version=version)
    assert invite(owner, name, source).http == status
    assert Attendee.objects.get() == owner.attendee


KNOWN = {
    "v1": {"users"},
    "v2": {"users"},
    "v3": {"users", "emails"},
    "v4": {"users", "emails", "groups"},
}


def test_who_is_listed(version, hatters):
    """E-mail invitees are listed from v3 on, groups from v4 on (behaviour 7.1)."""
    owner = arrive("owner", ConversationFactory(), version=version)
    invite(owner, "hatters", "groups")
    invite(owner, "carol@example.org", "emails")
    listed = owner.room("get", PATH).data
    assert len(listed) == 1 + len(KNOWN[version])
    if version == "v4":
        shown = {(each["actorType"], each["actorId"], each["displayName"]) for each in listed}
        assert {("groups", "hatters", "hatters"), ("users", "bob", "bob")} < shown
        mails = ("emails", "carol@example.org", "carol@example.org")
        assert mails in shown


@pytest.mark.parametrize("version", ["v3", "v4"])
@pytest.mark.parametrize("to_all", [True, False])
def test_resend(version, to_all, django_capture_on_commit_callbacks):
    """The mail is sent again, to one or to all."""
    owner = arrive("owner", ConversationFactory(), version=version)
    invite(owner, "carol@example.org", "emails")
    Attendee.objects.update(mailed_at=None)
    invitee = Attendee.objects.get(actor_type="emails")
    data = {} if to_all else {"attendeeId": invitee.pk}
    with django_capture_on_commit_callbacks(execute=True):
        answer = owner.room("post", f"{PATH}/resend-invitations", data)
    assert answer.whole == ok(answer)
    assert len(mail.outbox) == 1
    answer = owner.room("post", f"{PATH}/resend-invitations", {"attendeeId": 10**9})
    assert answer.whole == refused(answer, 404)


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_addresses_are_for_moderators(version):
    """Others see that somebody was invited, and not how to write to them."""
    room = ConversationFactory()
    owner, member = (arrive(who, room, version=version) for who in ("owner", "member"))
    invite(owner, "carol@example.org", "emails")
    seen = {}
    for person in (owner, member):
        [seen[person.device.username]] = [
            (each["actorId"], each["displayName"])
            for each in person.room("get", PATH).data
            if each["actorType"] == "emails"
        ]
    assert seen[owner.device.username] == ("carol@example.org", "carol@example.org")
    actor_id, name = seen[member.device.username]
    assert actor_id == f"invitee-{Attendee.objects.get(actor_type='emails').pk}"
    assert name == "carol"


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_remove(version, hatters):
    """A group and an invitee are removed like anybody, the group with whom it brought."""
    owner = arrive("owner", ConversationFactory(), version=version)
    invite(owner, "hatters", "groups")
    invite(owner, "carol@example.org", "emails")
    for kind in ("groups", "emails"):
        target = Attendee.objects.get(actor_type=kind)
        answer = owner.room("delete", "/attendees", {"attendeeId": target.pk})
        assert answer.whole == ok(answer)
    assert Attendee.objects.get() == owner.attendee
