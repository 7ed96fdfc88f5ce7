"""The old path of ``talk_calls.host.clock``, for the setting ``CLOCK`` of sites; until 0.2."""

import warnings

from talk_calls.host.clock import database_now, now

__all__ = ["database_now", "now"]

warnings.warn(
    "talk_calls.clock has moved to talk_calls.host.clock and will be removed in 0.2.",
    DeprecationWarning,
    stacklevel=2,
)
