"""Random histories depend on their seed, and can be run."""

from tests.race.history import history


def test_equal_seeds():
    """The same seed and number make the same history."""
    assert history(1, 2) == history(1, 2)
    assert history(1, 2) != history(1, 3)
    assert history(1, 2) != history(2, 2)


def test_histories_can_be_run():
    """All clients enter first, the owner is a member, and only the owner kicks and invites."""
    for number in range(200):
        made = history(0, number)
        clients = range(len(made.clients))
        first, *later = made.bursts
        assert [step.client for step in first.steps] == list(clients)
        assert {step.action for step in first.steps} == {"enter"}
        assert made.clients[0].member
        assert made.clients[0].person is not None
        for step in (step for burst in later for step in burst.steps):
            assert step.client in clients
            if step.action in ("kick", "invite"):
                assert step.client == 0
                assert step.argument in clients[1:]
