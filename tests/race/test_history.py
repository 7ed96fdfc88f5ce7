"""Random histories follow from their seed, and can be played."""

from tests.race.history import history


def test_a_seed_decides():
    """The same seed and number, the same history."""
    assert history(1, 2) == history(1, 2)
    assert history(1, 2) != history(1, 3)
    assert history(1, 2) != history(2, 2)


def test_histories_can_be_played():
    """Everybody enters first, the owner is a member, and nobody does what only owners may."""
    for number in range(200):
        played = history(0, number)
        clients = range(len(played.clients))
        first, *later = played.bursts
        assert [step.client for step in first.steps] == list(clients)
        assert {step.action for step in first.steps} == {"enter"}
        assert played.clients[0].member
        assert played.clients[0].person is not None
        for step in (step for burst in later for step in burst.steps):
            assert step.client in clients
            if step.action in ("kick", "invite"):
                assert step.client == 0
                assert step.argument in clients[1:]
