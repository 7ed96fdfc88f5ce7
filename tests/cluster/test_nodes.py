"""People on different nodes of Django and of the HPB are in one conversation, and in one call."""

import pytest

from talk_calls.constants import LobbyState, ReadOnly

nodes = pytest.mark.parametrize("node", [0, 1])


@pytest.fixture
def people(arrive):
    """Return Alice and Bob on nodes of their own, both in the call."""
    alice, bob = arrive("alice", 0), arrive("bob", 1)
    alice.join()
    bob.join(3)
    for each in (alice, bob):
        each.expect_call(alice, bob, bob=3)
    return alice, bob


def test_coming_and_going(people, cluster):
    """Both learn who comes, what each sends, and who goes."""
    alice, bob = people
    for each in (alice, bob):
        each.expect_here(alice, bob)
    alice.client.message({"type": "hand"}, session=bob.id)
    assert bob.client.expect("message")["data"] == {"type": "hand"}
    alice.change(1)
    bob.expect_call(alice, bob, alice=1, bob=3)
    bob.leave_call()
    alice.expect_call(alice, alice=1)
    bob.client.leave()
    alice.expect(lambda: bob.id not in alice.here())
    assert len(cluster.calls(alice.token)) == 1


@nodes
def test_moderation(people, cluster, node):
    """Lock, lobby and kick reach both, whichever node of Django was asked."""
    alice, bob = people
    owner = cluster.device("alice", node)
    room = f"v4/room/{alice.token}"
    owner.ask("PUT", f"{room}/read-only", state=ReadOnly.READ_ONLY)
    for each in (alice, bob):
        each.expect(lambda each=each: each.properties()["read-only"] == 1)
        each.expect_call()
    owner.ask("PUT", f"{room}/read-only", state=ReadOnly.READ_WRITE)
    alice.join()
    bob.join()
    for each in (alice, bob):
        each.expect_call(alice, bob)
    owner.ask("PUT", f"{room}/webinar/lobby", state=LobbyState.NON_MODERATORS)
    for each in (alice, bob):
        each.expect_call(alice)
        each.expect(lambda each=each: each.properties()["lobby-state"] == 1)
    [attendee] = [
        each["attendeeId"]
        for each in owner.ask("GET", f"{room}/participants")
        if each["actorId"] == "bob"
    ]
    owner.ask("DELETE", f"{room}/attendees", attendeeId=attendee)
    alice.expect(lambda: bob.id not in alice.here())
    owner.close()
