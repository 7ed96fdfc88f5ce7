"""Transactions that the database gave up are done again, and no others."""

import pytest
from django.db import OperationalError, transaction

from talk_calls.db import retries
from talk_calls.db.retries import TRIES, retried


class DriverError(Exception):
    """What psycopg raises."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(retries, "PAUSE", 0)


def failing(times: int, sqlstate: str):
    """Return a service that fails so often before it works, and a list of its tries."""
    tries: list[int] = []

    @retried
    def service() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError("given up") from DriverError(sqlstate)
        return "done"

    return service, tries


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
@pytest.mark.parametrize("times", [0, 1, TRIES - 1])
def test_done_again(sqlstate, times):
    """A serialisation failure or a deadlock is nobody's fault, and the next try may work."""
    service, tries = failing(times, sqlstate)
    assert service() == "done"
    assert len(tries) == times + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("sqlstate", "tried"), [("40001", TRIES), ("57P01", 1)])
def test_not_for_ever_and_not_everything(sqlstate, tried):
    """It ends after a few tries; a database that went away is not asked again at all."""
    service, tries = failing(99, sqlstate)
    with pytest.raises(OperationalError):
        service()
    assert len(tries) == tried


@pytest.mark.django_db(transaction=True)
def test_not_inside_somebody_elses_transaction():
    """There the whole of it is lost, which only its owner can do again."""
    service, tries = failing(1, "40001")
    with pytest.raises(OperationalError), transaction.atomic():
        service()
    assert len(tries) == 1
