"""Checks that a hint from one process wakes the polls of another (``TALK_CALLS["WAKEUP"]``)."""

import os
import secrets
from contextlib import closing
from time import monotonic

from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.health import second_process
from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning
from talk_calls.signaling.channels import open_channel

_HINT = _(
    "Is the server that WAKEUP names up, and can this machine reach it? Calls work "
    "without it, but changes arrive up to half a second later."
)


def run(context: CheckContext) -> list[Result]:
    """Let a second process publish a hint, and measure until it is received here."""
    if not conf.wakeup:
        return [_not_set()]
    try:
        duration = measure(context.timeout)
    except Exception as exception:  # noqa: BLE001 -- each channel has errors of its own
        # Leave out the exception's text: it may quote an address with a password in it.
        name = type(exception).__name__
        return [
            error(
                _("Hints cannot be received through {channel}: {name}.").format(
                    channel=_channel(), name=name
                ),
                _HINT,
            )
        ]
    if duration is None:
        message = _("A hint of a second process was not received through {channel}.").format(
            channel=_channel()
        )
        return [error(message, _HINT)]
    milliseconds = f"{duration * 1000:.1f} ms"
    return [
        ok(
            _("A hint of a second process came through {channel} in {milliseconds}.").format(
                channel=_channel(), milliseconds=milliseconds
            )
        )
    ]


def measure(timeout: float) -> float | None:
    """Return the seconds from publishing a hint in a second process to receiving it here.

    None means that nothing was received within ``timeout`` seconds, or that the second process
    could not connect. Raises whatever the channel raises.
    """
    hint = f"{secrets.token_hex(8)} 0 "  # there is no conversation 0, so no poll wakes
    with closing(open_channel(conf.wakeup)) as channel, second_process.start("wakeup") as process:
        try:
            channel.subscribe()
            assert process.stdin is not None and process.stdout is not None  # noqa: PT018, S101
            if not process.stdout.readline():
                return None  # it could not connect
            published_at = monotonic()
            process.stdin.write(f"{hint}\n")
            process.stdin.flush()
            while monotonic() - published_at < timeout:
                if hint in channel.receive(0.2):
                    return monotonic() - published_at
            return None
        finally:
            process.kill()


def _channel() -> str:
    return "Redis" if conf.wakeup.startswith(("redis", "valkey")) else "PostgreSQL"


def _not_set() -> Result:
    hint = _("Set WAKEUP to Redis or PostgreSQL: changes then arrive at once, without queries.")
    workers = os.environ.get("WEB_CONCURRENCY", "")
    if workers.isdecimal() and int(workers) > 1:
        message = _("WAKEUP is not set, and WEB_CONCURRENCY is {workers}.").format(workers=workers)
        return warning(
            _("{message} Each process queries the database twice a second.").format(
                message=message
            ),
            hint,
        )
    return skipped(_("WAKEUP is not set: each process queries the database twice a second."), hint)
