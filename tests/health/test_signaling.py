"""Signaling servers: real ones in three versions, and such that do not work."""

from datetime import timedelta

import pytest

from talk_calls.health import signaling
from talk_calls.health.results import CheckContext, Level, error, ok, skipped
from talk_calls.models import HPBConversation
from tests.hpb.recording import recording
from tests.servers import hpb
from tests.servers.hpb import Site
from tests.servers.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "a secret of this server"


@pytest.fixture
def use(settings):
    """Return a function that sets the signaling servers."""

    def use(*servers, secret=SECRET, cluster=False):
        entries = [{"url": url, "secret": secret} for url in servers]
        external = {"BACKEND": "external", "SERVERS": entries, "CLUSTER": cluster}
        settings.TALK_CALLS = {"SIGNALING": external}

    return use


def _levels(results):
    return [(each.level, each.message) for each in results]


def test_internal(context):
    assert signaling.run(context) == [skipped("Clients signal through this site.")]


def test_real_server(hpb_release, start_hpb, live_server, use, context):
    """It is asked what it is, and asks back."""
    site = Site(live_server.url, SECRET)
    server = start_hpb(hpb_release, [site])
    use(server.url)
    asked = CheckContext(context.now, live_server.url, context.timeout)
    about, signed, login, pending = signaling.run(asked)
    assert about.level == Level.WARNING
    assert "audio-video-permissions" in about.message
    assert about.message.endswith("It has no SFU.")
    assert signed == ok(f"{server.url} takes what this site signs.")
    assert login == ok(f"{server.url} reaches this site, which takes what it signs.")
    assert pending == ok("The signaling servers know what changed.")


def test_wrong_secret(hpb_release, start_hpb, live_server, use, context):
    server = start_hpb(hpb_release, [Site(live_server.url, SECRET)])
    use(server.url, secret="another secret of somebody")
    _, refused, _ = signaling.run(context)
    assert refused == error(f"{server.url} does not take what this site signs.", signaling._SECRET)


def test_server_that_does_not_know_the_site(hpb_release, start_hpb, live_server, use, context):
    """It names another address, so it lets nobody of this site in."""
    server = start_hpb(hpb_release, [Site("http://127.0.0.1:9", SECRET)])
    use(server.url)
    asked = CheckContext(context.now, live_server.url, context.timeout)
    login = signaling.run(asked)[-2]
    assert login.level == Level.ERROR
    assert f"lets nobody in who comes from {live_server.url}: invalid" in login.message


@pytest.mark.server("hpb-bookworm")
def test_servers_that_are_no_cluster(start_hpb, live_server, use, context):
    site = Site(live_server.url, SECRET)
    one, two = start_hpb("bookworm", [site]), start_hpb("bookworm", [site])
    use(one.url, two.url, cluster=True)
    asked = CheckContext(context.now, live_server.url, 0.5)
    mates = signaling.run(asked)[-2]
    assert mates.level == Level.ERROR
    assert f"{two.url} and {one.url} are no cluster" in mates.message


@pytest.mark.server("nats")
@pytest.mark.server("hpb-trixie")
def test_cluster(nats, live_server, use, context):
    """A message goes from one node to the other."""
    site = Site(live_server.url, SECRET)
    with hpb.running_cluster("trixie", [site], nats=nats.url) as (first, second):
        use(first.url, second.url, cluster=True)
        asked = CheckContext(context.now, live_server.url, context.timeout)
        results = signaling.run(asked)
    assert ok(f"{second.url} and {first.url} are one cluster.") in results


def test_unreachable(use, context):
    url = f"http://127.0.0.1:{free_port()}"
    use(url)
    [unreachable, _] = signaling.run(context)
    assert unreachable.level == Level.ERROR
    assert unreachable.message.startswith(f"{url} cannot be reached: ")


def test_clock(use, context):
    """A clock that is wrong by a minute makes tokens invalid."""
    with recording() as server:
        use(server.url)
        wrong = CheckContext(context.now + timedelta(seconds=60), "", context.timeout)
        messages = [each.message for each in signaling.run(wrong)]
    assert any("s behind this site's." in message for message in messages)


def test_terminal(use, context):
    """What a server says about itself does not control the operator's terminal."""
    with recording() as server:
        use(server.url)
        server.features = "mcu, \x1b[2J\x1b]0;owned\x07, \x9b2J"
        [about, *_] = signaling.run(context)
    assert about.message.isprintable()
    assert "mcu" in about.message


def test_pending(use, context):
    """What the servers did not take is counted."""
    with recording() as server:
        use(server.url)
        HPBConversation.objects.create(conversation=1, token="x", changes=2, attempts=3)
        pending = signaling.run(context)[-1]
    assert pending.level == Level.ERROR
    assert pending.message.endswith("do not take what changed: 1.")
