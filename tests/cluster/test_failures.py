"""What people in a call learn while a part of the cluster is down, and afterwards.

The bounds are those of docs/reliability.md, with time for a busy machine.
"""

import time

import pytest

from talk_calls.hpb.leases import FIRST_REPEAT
from tests.cluster.people import SOON
from tests.patience import until_so

#: Seconds until the other node of the HPB is told once one does not answer.
OTHER_NODE = 5 + SOON

#: Seconds until processes know which nodes of the HPB are up.
KNOWN = 8 + SOON

#: Seconds until what was lost is told once more.
REPEATED = FIRST_REPEAT.total_seconds() + 1 + SOON


@pytest.fixture
def people(arrive):
    """Return Alice and Bob on nodes of their own, both in the call."""
    alice, bob = arrive("alice", 0), arrive("bob", 1)
    alice.join()
    bob.join()
    for each in (alice, bob):
        each.expect_call(alice, bob, within=REPEATED)  # a node may have been back for a moment only
    return alice, bob


@pytest.mark.parametrize("which", ["told", pytest.param("other", marks=pytest.mark.nightly)])
def test_killed_node_of_the_hpb(people, arrive, come_back, cluster, which):
    """Its people come back through the other node, into the same call, and later by both."""
    told = cluster.hpbs.index(cluster.told(people[0].token))
    dead = told if which == "told" else 1 - told
    lost, other = people[dead], people[1 - dead]
    cluster.hpbs[dead].kill()
    try:
        lost.client.expect_close()
        lost.expect(lambda: _offered(lost) == {cluster.hpbs[1 - dead].url}, KNOWN)
        back = come_back(lost, hpb=1 - dead)
        for each in (back, other):
            each.expect(lambda each=each: {back.id, other.id} <= each.call().keys(), OTHER_NODE)
        other.change(3)
        back.expect_call(back, other, **{other.user: 3}, within=OTHER_NODE)
        [call] = cluster.calls(lost.token)
        assert call["people"] == 2
    finally:
        cluster.hpbs[dead].start()
    # The other node needs some seconds until it knows that sessions are here.
    carol = arrive("carol", dead)
    carol.join()
    for each in (carol, back, other):
        each.expect(lambda each=each: {carol.id, back.id} <= each.call().keys(), REPEATED)
    lost.expect(lambda: len(_offered(lost)) == 2, KNOWN)


def test_killed_nats(people, cluster):
    """What was told meanwhile reaches nobody until it is back."""
    alice, bob = people
    cluster.nats.kill()
    try:
        bob.change(3)
        alice.client.message({"type": "lost"}, session=bob.id)
        for each in (alice, bob):
            each.read(1)
            assert each.call()[bob.id] == 7
    finally:
        cluster.nats.start()
    for each in (alice, bob):
        each.expect_call(alice, bob, bob=3, within=REPEATED)
    alice.client.message({"type": "hand"}, session=bob.id)
    bob.client.expect("message")


def test_killed_node_of_django(people, cluster):
    """What it committed and did not tell is told by the other."""
    alice, bob = people
    with cluster.another_node("tests.cluster.silent:application") as node:
        device = cluster.device("alice", node)
        device.take_over(alice.device)
        device.ask("PUT", f"v4/call/{alice.token}", flags=3)
        device.close()
        node.kill()
    for each in (alice, bob):
        each.expect_call(alice, bob, alice=3, within=KNOWN)


@pytest.mark.nightly
def test_killed_redis(people, cluster):
    """Nobody notices: it is a hint for polls, and a cache."""
    alice, bob = people
    cluster.redis.stop()
    try:
        for person in people:
            person.change(3)
            assert person.device.settings(person.token)["server"]
        for each in people:
            each.expect_call(alice, bob, alice=3, bob=3)
    finally:
        cluster.redis.start()
    alice.change(1)
    bob.expect_call(alice, bob, alice=1, bob=3)


@pytest.mark.nightly
def test_restarted_postgres(people, arrive, cluster):
    """Messages pass meanwhile; a request is answered, or refused with 503, and tried again."""
    alice, bob = people
    cluster.database.restart()
    alice.client.message({"type": "hand"}, session=bob.id)
    bob.client.expect("message")
    for person in people:
        _retried(person.change, 3)
    for each in people:
        each.expect_call(alice, bob, alice=3, bob=3, within=KNOWN)
    carol = arrive("carol", 0)
    carol.join()
    bob.expect_call(alice, bob, carol, alice=3, bob=3, within=KNOWN)


@pytest.mark.nightly
@pytest.mark.package("aiortc")
def test_killed_janus(people, cluster):
    """Nothing is published meanwhile; messages pass, and cameras work when it is back."""
    from tests.deploy import video

    alice, bob = people
    assert video.watch(alice.client, bob.client) > 0
    for janus in cluster.januses:
        janus.kill()
    try:
        with pytest.raises((video.Refused, TimeoutError)):
            video.watch(alice.client, bob.client)
        bob.change(3)
        alice.expect_call(alice, bob, bob=3)
    finally:
        for janus in cluster.januses:
            janus.start()
    until_so(lambda: _sees(bob, alice), 60)


def _sees(viewer, publisher) -> bool:
    from tests.deploy import video

    try:
        return video.watch(publisher.client, viewer.client) > 0
    except (video.Refused, TimeoutError):
        return False


def _retried(request, *args) -> None:
    """Send a request again until it works, as clients do."""
    begun = time.monotonic()
    while True:
        try:
            return request(*args)
        except AssertionError:
            if time.monotonic() > begun + SOON:
                raise
            time.sleep(0.2)


def _offered(person) -> set[str]:
    """Return which servers the site names to clients."""
    return {person.device.settings(person.token)["server"] for _ in range(10)}
