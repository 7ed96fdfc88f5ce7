"""Changes in steps: all within one transaction, with a progress bar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from talk_calls.db import transactions
from talk_calls.db.retries import retried

#: People that one step adds or removes, at most, so that a progress bar moves.
BATCH_SIZE = 50

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """A part of a change, which affects ``size`` people."""

    run: Callable[[], object]
    size: int = 1


@retried
@transactions.atomic()
def all_or_nothing(change: Callable[[], R]) -> R:
    """Return what ``change`` returns; if it raises or is stopped by Ctrl-C, nothing is changed."""
    return change()


def run_steps(
    steps: Sequence[Step], progress: Callable[[int, int], None] = lambda done, total: None
) -> None:
    """Run the steps in order.

    ``progress`` is called with how many people are done, and with their total.
    """
    total = sum(step.size for step in steps)
    done = 0
    for step in steps:
        progress(done, total)
        step.run()
        done += step.size
    progress(done, total)


def in_batches(run: Callable[[list[T]], object], items: Sequence[T]) -> list[Step]:
    """Return steps that call ``run`` with up to ``BATCH_SIZE`` items each."""
    starts = range(0, len(items), BATCH_SIZE)
    batches = [list(items[start : start + BATCH_SIZE]) for start in starts]
    return [Step(partial(run, batch), len(batch)) for batch in batches]
