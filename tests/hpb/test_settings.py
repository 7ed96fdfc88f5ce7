"""What clients are told where signaling is external, and switching between both kinds."""

import pytest
from django.utils import timezone

from talk_calls.hpb.circuits import FAILURES, circuit_of
from talk_calls.models import Call, CallLeg, SignalingMessage
from tests.factories import ConversationFactory
from tests.hpb.conftest import SERVER, URL
from tests.hpb.servers import FakeServer
from tests.people import PARTICIPANTS, arrive

pytestmark = pytest.mark.django_db

TURN = [{"ADDRESS": "turn.example.org:3478", "SECRET": "s3cret"}]


def ask(person, **data):
    answer = person.device.request("get", "signaling/settings", data)
    assert answer.http == 200, answer.whole
    return answer.data


@pytest.mark.contract("8.1")
@pytest.mark.parametrize("who", ["member", "guest"])
def test_the_whole_answer(external, old_version, who):
    """Where the server is, and two ways to say who asks."""
    person = arrive(who, ConversationFactory(), version=old_version)
    found = ask(person, token=person.conversation.token)
    name, ticket = person.device.username, found["ticket"]
    hello = found.pop("helloAuthParams", None)
    assert found == {
        "signalingMode": "external",
        "userId": name,
        "hideWarning": True,
        "server": URL,
        "ticket": ticket,
        "stunservers": [],
        "turnservers": [],
        **({} if old_version == "v1" else {"sipDialinInfo": ""}),
    }
    if old_version == "v3":
        token = hello.pop("2.0")["token"]
        assert hello == {"1.0": {"userid": name, "ticket": ticket}}
        assert token.count(".") == 2
    else:
        assert hello is None


def test_tickets_are_taken(external):
    """What the settings have is what the endpoint for servers takes."""
    for who in ("member", "guest"):
        person = arrive(who, ConversationFactory())
        hello = ask(person)["helloAuthParams"]["1.0"]
        found = FakeServer().auth(hello["userid"], hello["ticket"])
        assert found["auth"].get("userid") == person.device.username


@pytest.mark.parametrize("cluster", [False, True])
def test_several_servers(settings, cluster):
    """A conversation has one of them; in a cluster, and without a conversation, it is any."""
    names = ["a", "b", "c"]
    servers = [{**SERVER, "url": f"https://{name}.example.org"} for name in names]
    settings.TALK_CALLS = {
        "SIGNALING": {"BACKEND": "external", "SERVERS": servers, "CLUSTER": cluster}
    }
    person = arrive("member", ConversationFactory())
    with_token = {ask(person, token=person.conversation.token)["server"] for _ in range(30)}
    without = {ask(person)["server"] for _ in range(30)}
    assert without == {each["url"] for each in servers}
    assert len(with_token) == (3 if cluster else 1)


def test_servers_that_are_down(settings):
    """In a cluster clients are not sent there, unless all are."""
    urls = [f"https://{name}.example.org" for name in "ab"]
    servers = [{**SERVER, "url": url} for url in urls]
    settings.TALK_CALLS = {
        "SIGNALING": {"BACKEND": "external", "SERVERS": servers, "CLUSTER": True}
    }
    person = arrive("member", ConversationFactory())
    for url in urls:
        offered = {ask(person)["server"] for _ in range(30)}
        assert url in offered
        for _ in range(FAILURES):
            circuit_of(url).failed("it is down")
        assert (url in {ask(person)["server"] for _ in range(30)}) == (url == urls[-1])


@pytest.mark.parametrize("who", [*PARTICIPANTS, "stranger", "nobody"])
def test_who_may_relay(settings, external, who):
    """As with internal signaling: the lobby and a lock keep relays from those whom they stop."""
    conversation = ConversationFactory()
    person = arrive(who, conversation)
    settings.TALK_CALLS = {"SIGNALING": external, "TURN_SERVERS": TURN}
    token = conversation.token
    assert bool(ask(person, token=token)["turnservers"]) == (who != "nobody")
    type(conversation).objects.update(lobby_state=1)
    moderates = who in {"owner", "moderator", "guest moderator"}
    assert bool(ask(person, token=token)["turnservers"]) == moderates
    type(conversation).objects.update(lobby_state=0, read_only=1)
    assert ask(person, token=token)["turnservers"] == []


def test_a_conversation_that_nobody_may_see(external):
    """404, whether it exists or not."""
    person = arrive("stranger", ConversationFactory(type=2))
    for token in (person.conversation.token, "unknown"):
        answer = person.device.request("get", "signaling/settings", {"token": token})
        assert (answer.http, answer.data) == (404, [])


@pytest.mark.contract("8")
@pytest.mark.parametrize("who", ["member", "stranger", "nobody"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_internal_signaling_is_over(external, old_version, wire, who, method):
    """400 for everybody, and nothing is looked up, stored, or pinged."""
    person = arrive(who, ConversationFactory(), version=old_version, wire=wire)
    for token in (person.conversation.token, "nowhere"):
        answer = person.device.request(method, f"signaling/{token}", {"messages": "[]"})
        assert (answer.http, answer.data) == (400, "Internal signaling disabled.")
    assert not SignalingMessage.objects.exists()


def test_switching_loses_nothing(settings, external):
    """A call that began by polling goes on at a server, and back; one call, one leg each."""
    settings.TALK_CALLS = {}
    owner = arrive("owner", ConversationFactory())
    token = owner.conversation.token
    assert owner.device.post(f"call/{token}").http == 200
    settings.TALK_CALLS = {"SIGNALING": external}
    member = arrive("member", owner.conversation)
    session = member.session
    server = FakeServer()
    joined = server.room(token, session.session_id, member.device.username)
    call = Call.objects.get()
    assert joined["room"]["properties"]["active-since"] == int(call.started_at.timestamp())
    assert member.device.post(f"call/{token}").http == 200
    assert call.signaling_server == ""
    settings.TALK_CALLS = {}
    assert ask(member, token=token)["signalingMode"] == "internal"
    assert len(owner.device.get(f"call/{token}").data) == 2
    assert member.device.delete(f"call/{token}").http == 200
    assert owner.device.delete(f"call/{token}").http == 200
    call = Call.objects.get()
    assert call.ended_at <= timezone.now()
    assert [leg.left_at is not None for leg in CallLeg.objects.all()] == [True, True]
