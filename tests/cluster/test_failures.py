"""What people in a call learn while a part of the cluster is down, and afterwards.

The bounds are those of docs/reliability.md, with time for a busy machine.
"""

import pytest

from talk_calls.hpb.leases import FIRST_REPEAT
from tests.cluster.people import SOON

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
        each.expect_call(alice, bob)
    return alice, bob


def test_killed_node_of_the_hpb(people, come_back, cluster):
    """Its people come back through the other node, into the same call."""
    alice, bob = people
    first, second = cluster.hpbs
    first.kill()
    try:
        alice.client.expect_close()
        alice.expect(lambda: _offered(alice) == {second.url}, KNOWN)
        again = come_back(alice, hpb=1)
        again.expect_call(again, bob)
        bob.expect(lambda: bob.call().get(again.id) == 7)
        bob.change(3)
        again.expect_call(again, bob, bob=3, within=OTHER_NODE)
        [call] = cluster.calls(alice.token)
        assert call["people"] == 2
    finally:
        first.start()
    alice.expect(lambda: _offered(alice) == {first.url, second.url}, KNOWN)


def test_restarted_node_of_the_hpb(people, come_back, cluster):
    """Who comes back before the other node knows that it is there is told of a little later."""
    told = cluster.told(people[0].token)
    [number] = {0, 1} - {cluster.hpbs.index(told)}
    lost, other = people[number], people[1 - number]
    cluster.hpbs[number].kill()
    cluster.hpbs[number].start()
    again = come_back(lost, hpb=number)
    other.change(3)
    for each in (again, other):
        each.expect(lambda each=each: each.call().get(other.id) == 3, REPEATED)
        each.expect(lambda each=each: each.call().get(again.id) == 7, REPEATED)


def test_killed_nats(people, cluster):
    """What was told meanwhile reaches nobody, and is told once more."""
    alice, bob = people
    cluster.nats.kill()
    try:
        bob.change(3)
        for each in (alice, bob):
            each.read(2)
            assert each.call()[bob.id] == 7
    finally:
        cluster.nats.start()
    for each in (alice, bob):
        each.expect_call(alice, bob, bob=3, within=REPEATED)
    alice.client.message({"type": "hand"}, session=bob.id)
    bob.client.expect("message")


def _offered(person) -> set[str]:
    """Return which servers the site names to clients."""
    return {person.device.settings(person.token)["server"] for _ in range(10)}
