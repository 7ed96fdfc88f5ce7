"""All examinations, in the order in which they are made."""

from collections.abc import Callable, Iterator

from talk_calls.doctor import (
    cache,
    clocks,
    ghosts,
    hints,
    leftovers,
    migrations,
    records,
    server,
    site,
    stun,
    turn,
)
from talk_calls.doctor.findings import Finding, Visit, error

Examination = Callable[[Visit], list[Finding]]

EXAMINATIONS: dict[str, Examination] = {
    "migrations": migrations.examine,
    "settings": site.examine,
    "clocks": clocks.examine,
    "records": records.examine,
    "ghosts": ghosts.examine,
    "leftovers": leftovers.examine,
    "hints": hints.examine,
    "cache": cache.examine,
    "server": server.examine,
    "stun": stun.examine,
    "turn": turn.examine,
}


def examine(names: list[str], visit: Callable[[], Visit]) -> Iterator[tuple[str, list[Finding]]]:
    """Make these examinations, one after the other; one that fails is a finding itself.

    ``visit`` is asked each time: telling the time takes the database, which may be away.
    """
    for name in names:
        try:
            yield name, EXAMINATIONS[name](visit())
        except Exception as trouble:  # noqa: BLE001 -- a doctor outlives what he finds
            # Its words are not repeated: they may quote an address with a password in it.
            says = f"The examination itself failed: {type(trouble).__name__}."
            yield name, [error(says, _HINT)]


_HINT = "Where the database cannot be reached or lacks tables, that is the first thing to mend."
