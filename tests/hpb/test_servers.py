"""Which signaling server a conversation is on, and that it stays there while a call runs."""

from collections import Counter

import pytest
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.hpb.servers import server_of
from talk_calls.models import Call
from talk_calls.servers import Signaling, SignalingServer
from talk_calls.services import calls
from tests.factories import ConversationFactory, SessionFactory

TOKENS = [f"token{number}" for number in range(3000)]


def signaling(*names: str, cluster: bool = False) -> Signaling:
    servers = tuple(SignalingServer(f"https://{name}.example.org", "s" * 16) for name in names)
    return Signaling(True, servers, cluster=cluster)


def servers_setting(*names: str) -> dict:
    entries = [{"url": f"https://{name}.example.org/", "secret": "s" * 16} for name in names]
    return {"SIGNALING": {"BACKEND": "external", "SERVERS": entries}}


def test_conversations_are_spread_evenly():
    """Each server has its share, whatever the order in which they are listed."""
    counts = Counter(signaling("a", "b", "c").server_for(token).url for token in TOKENS)
    assert all(900 < count < 1100 for count in counts.values())
    assert all(
        signaling("a", "b", "c").server_for(token) == signaling("c", "a", "b").server_for(token)
        for token in TOKENS
    )


def test_a_new_server_takes_only_its_share():
    """Rendezvous hashing: whoever moves, moves to the new server."""
    before, after = signaling("a", "b"), signaling("a", "b", "c")
    pairs = [(before.server_for(token), after.server_for(token)) for token in TOKENS]
    moved = [new for old, new in pairs if new != old]
    assert 900 < len(moved) < 1100
    assert {server.url for server in moved} == {"https://c.example.org"}


def test_the_kept_server_counts_while_it_is_configured():
    """A call stays where it is, unless its server is gone."""
    both = signaling("a", "b")
    for server in both.servers:
        assert both.server_for("room", kept=server.url) == server
    assert both.server_for("room", kept="https://c.example.org") == both.server_for("room")


def test_settings_are_read_in_either_case(settings):
    """URLs have no slash at the end."""
    settings.TALK_CALLS = {
        "SIGNALING": {
            "backend": "external",
            "servers": [{"URL": "https://a.example.org/x/", "SECRET": "s" * 16, "VERIFY": False}],
            "cluster": True,
            "KEY": "/etc/key.pem",
        }
    }
    server = SignalingServer("https://a.example.org/x", "s" * 16, verify=False)
    assert conf.signaling == Signaling(True, (server,), cluster=True, key="/etc/key.pem")
    settings.TALK_CALLS = {}
    assert conf.signaling == Signaling()


@pytest.mark.django_db
def test_a_call_stays_on_its_server(settings):
    """The URL is stored when the call starts; it costs no statement (tests/api/test_budgets)."""
    settings.TALK_CALLS = servers_setting("a")
    session = SessionFactory(attendee__participant_type=1)
    conversation = session.conversation
    calls.join(session=session, flags=7, now=timezone.now())
    assert Call.objects.get().signaling_server == "https://a.example.org"
    settings.TALK_CALLS = servers_setting("b", "c", "d", "e", "f", "a")
    assert server_of(conversation.token).url == "https://a.example.org"
    calls.leave(session=session, now=timezone.now())
    assert server_of(conversation.token) == conf.signaling.server_for(conversation.token)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["internal", "cluster"])
def test_no_server_is_stored(settings, kind):
    """With internal signaling there is none, and in a cluster there are several."""
    settings.TALK_CALLS = servers_setting("a", "b") if kind == "cluster" else {}
    if kind == "cluster":
        settings.TALK_CALLS["SIGNALING"]["CLUSTER"] = True
    session = SessionFactory(attendee__participant_type=1)
    calls.join(session=session, flags=7, now=timezone.now())
    assert Call.objects.get().signaling_server == ""


@pytest.mark.django_db
def test_no_conversation_is_needed(settings):
    """Somebody may ask with any token."""
    settings.TALK_CALLS = servers_setting("a", "b")
    ConversationFactory()
    assert server_of("nowhere") == conf.signaling.server_for("nowhere")
