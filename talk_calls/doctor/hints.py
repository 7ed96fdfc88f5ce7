"""Do hints wake the polls of other processes?"""

import os
import secrets
from contextlib import closing
from time import monotonic

from talk_calls.conf import conf
from talk_calls.doctor import child
from talk_calls.doctor.findings import Finding, Visit, error, skipped, warning, well
from talk_calls.signaling.channels import open_channel

_HINT = (
    "Does what WAKEUP names run, and may the site's machine reach it? Calls work without, and "
    "news come up to half a second later."
)


def examine(visit: Visit) -> list[Finding]:
    """Have another process tell a hint, and measure until it is heard here."""
    if not conf.wakeup:
        return [_unset()]
    try:
        took = measure(visit.timeout)
    except Exception as trouble:  # noqa: BLE001 -- each channel has errors of its own
        # Its words are not repeated: they may quote an address with a password in it.
        says = f"Hints cannot be heard through {_kind()}: {type(trouble).__name__}."
        return [error(says, _HINT)]
    if took is None:
        return [error(f"A hint of another process never came through {_kind()}.", _HINT)]
    return [well(f"A hint of another process came through {_kind()} in {took * 1000:.1f} ms.")]


def measure(timeout: float) -> float | None:
    """Return the seconds from telling a hint in another process to hearing it; None if never."""
    hint = f"{secrets.token_hex(8)} 0 "  # of conversation 0, so that nobody is woken
    with closing(open_channel(conf.wakeup)) as channel, child.start("hints") as process:
        try:
            channel.subscribe()
            assert process.stdin is not None and process.stdout is not None  # noqa: PT018, S101
            if not process.stdout.readline():
                return None  # it could not connect
            begun = monotonic()
            process.stdin.write(f"{hint}\n")
            process.stdin.flush()
            while monotonic() - begun < timeout:
                if hint in channel.receive(0.2):
                    return monotonic() - begun
            return None
        finally:
            process.kill()


def _kind() -> str:
    return "Redis" if conf.wakeup.startswith(("redis", "valkey")) else "PostgreSQL"


def _unset() -> Finding:
    hint = "Set WAKEUP to Redis or PostgreSQL; news then come at once and cost no looking."
    workers = os.environ.get("WEB_CONCURRENCY", "")
    if workers.isdecimal() and int(workers) > 1:
        says = f"No WAKEUP is set, and WEB_CONCURRENCY says {workers} processes."
        return warning(f"{says} Each asks the database twice in a second.", hint)
    return skipped("No WAKEUP is set: each process asks the database twice in a second.", hint)
