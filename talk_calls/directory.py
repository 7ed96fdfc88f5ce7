"""The old path of ``talk_calls.host.directory``, for settings and subclasses; until 0.2."""

import warnings

from talk_calls.host.directory import DjangoDirectory

__all__ = ["DjangoDirectory"]

warnings.warn(
    "talk_calls.directory has moved to talk_calls.host.directory and will be removed in 0.2.",
    DeprecationWarning,
    stacklevel=2,
)
