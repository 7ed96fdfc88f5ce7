"""``participants`` of ``POST /room``: a conversation comes into being with its people (6.2)."""

import json

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls import policies
from talk_calls.host.directory import DjangoDirectory
from talk_calls.host.policy import HostPolicy
from talk_calls.models import Attendee, Conversation
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class StrictPolicy(HostPolicy):
    """Nobody invites Cid, the strangers or example.net, and nobody sees Dan."""

    def may_invite(self, user, invitee, conversation) -> bool:
        return conversation.pk and invitee.username != "cid"

    def may_see(self, viewer, user) -> bool:
        return user.username != "dan"

    def may_invite_group(self, user, group, conversation) -> bool:
        return group.name != "strangers"

    def may_invite_email(self, user, address, conversation) -> bool:
        return not address.endswith("example.net")

    def may_make_public(self, user, conversation) -> bool:
        return conversation.name != "Closed"


class OwnDirectory(DjangoDirectory):
    """A site that looks each user up itself, and has no Ben."""

    def find_user(self, user_id, viewer=None):
        return None if user_id == "ben" else super().find_user(user_id, viewer)


@pytest.fixture(autouse=True)
def _site(settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


@pytest.fixture
def ann(device):
    """Return the client of a user; Ben, Cid and Dan have accounts, Eve and Fay are in a group."""
    for name in ("ben", "cid", "dan"):
        UserFactory(username=name)
    members = [UserFactory(username=name) for name in ("eve", "fay")]
    Group.objects.create(name="team").user_set.add(*members)
    Group.objects.create(name="strangers")
    return device(UserFactory(username="ann"), version="v4")


@pytest.fixture
def strict(settings):
    """Let the site refuse some people."""
    settings.TALK_CALLS = {"POLICY": f"{__name__}.StrictPolicy"}
    yield
    policies.hooks._policy.cache_clear()
    policies.hooks._overridden.cache_clear()


def create(client, people, **values):
    """Create a conversation by a body in JSON, with such ``participants``."""
    body = {"roomType": 2, "roomName": "Tea", "participants": people, **values}
    return client.request("post", "room", json=json.dumps(body))


def roles() -> dict[str, int]:
    """Return who belongs to the conversation, and as what."""
    rows = Attendee.objects.values_list("user__username", "actor_id", "participant_type", "pk")
    named = {username or actor_id: int(role) for username, actor_id, role, _ in rows}
    return {name: role for name, role in named.items() if not name.isdigit()}


ALL = {"users": ["ben", "cid"], "groups": ["team"], "emails": ["gil@example.org"]}


@pytest.mark.postgresql
def test_everybody_comes_in(ann, django_capture_on_commit_callbacks):
    """Users, the members of groups and invitees are there at once; the latter open it."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = create(ann, ALL)
    assert (answer.http, answer.data["type"], answer.data["participantType"]) == (201, 3, 1)
    expected = {"ann": 1, "ben": 3, "cid": 3, "eve": 3, "fay": 3, "gil@example.org": 4}
    assert roles() == expected
    assert Attendee.objects.filter(actor_type="groups").count() == 1
    [sent] = mail.outbox
    assert sent.to == ["gil@example.org"]
    assert answer.data["token"] in sent.body


@pytest.mark.parametrize("names", ["participants[{}][]", "participants[{}][0]"])
def test_form(ann, names):
    """A form has lists in brackets, with numbers in them or without."""
    data = {names.format("users"): "ben", names.format("groups"): "team"}
    assert ann.post("room", {"roomType": "2", "roomName": "Tea", **data}).http == 201
    assert roles() == {"ann": 1, "ben": 3, "eve": 3, "fay": 3}


@pytest.mark.parametrize("nobody", [{}, [], "", None, {"users": []}, {"circles": [], "users": ""}])
def test_nobody(ann, nobody):
    """Clients say in many ways that they invite nobody."""
    assert create(ann, nobody).http == 201
    assert roles() == {"ann": 1}


def test_oneself_and_others_twice(ann):
    """Who is there already stays as they are."""
    assert create(ann, {"users": ["ben", "ann", "ben", "eve"], "groups": ["team"]}).http == 201
    assert roles() == {"ann": 1, "ben": 3, "eve": 3, "fay": 3}
    assert Attendee.objects.get(user__username="eve").by_group is False


def test_beside_a_group(ann):
    """A conversation that is made from a group takes others too."""
    assert create(ann, {"users": ["ben"]}, invite="team", source="groups").http == 201
    assert roles() == {"ann": 1, "ben": 3, "eve": 3, "fay": 3}


@pytest.mark.parametrize(
    ("people", "status", "error"),
    [
        ({"users": ["ben", "nobody"]}, 404, "no-target"),
        ({"users": ["ben", "dan"]}, 404, "no-target"),
        ({"users": ["BEN"]}, 404, "no-target"),
        ({"users": ["ben", "x" * 255]}, 404, "no-target"),
        ({"users": ["ben", "x" * 256]}, 400, "participants"),
        ({"users": ["ben", "cid"]}, 403, "invite"),
        ({"users": ["ben"], "groups": ["none"]}, 404, "no-target"),
        ({"users": ["ben"], "groups": ["strangers"]}, 403, "invite"),
        ({"users": ["ben"], "emails": ["gil@example.net"]}, 403, "invite"),
        ({"users": ["ben"], "emails": ["gil@example.org", "gil"]}, 400, "participants"),
        ({"users": ["ben"], "phones": ["1"]}, 400, "participants"),
        ({"users": {"ben": "ben"}}, 400, "participants"),
        ({"users": [["ben"]]}, 400, "participants"),
        ({"users": [str(number) for number in range(1001)]}, 400, "participants"),
        ({"groups": [str(number) for number in range(21)]}, 400, "participants"),
        ({"emails": [f"{number}@example.org" for number in range(101)]}, 400, "participants"),
        (["ben"], 400, "participants"),
    ],
)
@pytest.mark.usefixtures("strict")
def test_one_who_may_not_be_invited(ann, people, status, error, django_capture_on_commit_callbacks):
    """Then there is no conversation, nobody is added, and nobody gets a mail."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = create(ann, people)
    assert (answer.http, answer.data) == (status, {"error": error})
    assert not Conversation.objects.exists()
    assert not Attendee.objects.exists()
    assert not mail.outbox


@pytest.mark.usefixtures("strict")
def test_invitee_for_whom_it_may_not_be_opened(ann):
    """An address opens the conversation, which the site has a say in."""
    answer = create(ann, {"emails": ["gil@example.org"]}, roomName="Closed")
    assert (answer.http, answer.data) == (403, {"error": "public"})
    assert not Conversation.objects.exists()
    assert create(ann, {"emails": ["gil@example.org"]}, roomName="Closed", roomType=3).http == 201


def test_site_that_mails_nothing(ann, settings):
    """Without a page for guests nobody is invited by mail."""
    settings.TALK_CALLS = {"CALL_PAGE": ""}
    assert create(ann, {"emails": ["gil@example.org"]}).data == {"error": "participants"}
    assert not Conversation.objects.exists()


def test_mails_are_counted(ann, settings):
    """Mails of new conversations count for their sender, all or nothing."""
    settings.TALK_CALLS = {"MAILS_PER_HOUR": {"user": 3}}
    two = {"emails": ["gil@example.org", "hal@example.org"]}
    assert create(ann, two).http == 201
    assert create(ann, two).http == 429
    settings.TALK_CALLS = {"MAILS_PER_HOUR": {"conversation": 1}}
    assert create(ann, two).http == 429
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("people", [{"users": ["ben", "cid"]}, {"emails": ["g@a.de", "h@a.de"]}])
def test_bound(ann, settings, people):
    """``MAX_PARTICIPANTS`` counts whoever is invited one by one, and the owner."""
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 2}
    answer = create(ann, people)
    assert (answer.http, answer.data) == (400, {"error": "full"})
    assert not Conversation.objects.exists()
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 3}
    assert create(ann, people).http == 201


def test_directory_that_finds_users_itself(ann, settings):
    """Its ``find_user`` decides, also where many are invited at once."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.OwnDirectory"}
    assert create(ann, {"users": ["cid", "ben"]}).data == {"error": "no-target"}
    assert create(ann, {"users": ["cid", "dan"]}).http == 201


@pytest.mark.postgresql
def test_ids_that_are_numbers(ann, settings):
    """What is no number is the id of nobody."""
    settings.TALK_CALLS = {"USER_ID": "id"}
    ben = UserFactory(username="another")
    for nobody in ("ben", f"0{ben.pk}", str(10**30), "\x00"):
        assert create(ann, {"users": [str(ben.pk), nobody]}).http in {400, 404}
    assert not Conversation.objects.exists()
    assert create(ann, {"users": [str(ben.pk)]}).http == 201


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_older_versions_invite_nobody(ann, version):
    """They ignore what they do not know."""
    ann.version = version
    assert create(ann, ALL).http == 201
    assert roles() == {"ann": 1}


@pytest.mark.parametrize("source", ["users", "emails"])
def test_cost(ann, source):
    """Statements are as many for 2 people as for 100 or 200; SQLite inserts some 60 at once."""

    def cost(first: int, size: int) -> int:
        names = [f"p{number}" for number in range(first, first + size)]
        if source == "users":
            for name in names:
                UserFactory(username=name)
        else:
            names = [f"{name}@example.org" for name in names]
        with CaptureQueriesContext(connection) as captured:
            assert create(ann, {source: names}).http == 201
        return len(captured)

    two = cost(0, 2)
    assert cost(2, 200 if source == "users" else 100) <= two + 8
    assert two <= 30
