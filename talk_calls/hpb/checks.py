"""The system check of the key that signs tokens for clients."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core import checks

from talk_calls.conf import conf
from talk_calls.hpb import keys


def check_key(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check a key in the setting or in a file; checks do not look into the database."""
    try:
        if conf.signaling.external and conf.signaling.key:
            keys.load()
    except keys.UnusableKey as error:
        return [
            checks.Error(
                f"The KEY of TALK_CALLS['SIGNALING'] cannot be used. {error}",
                hint="`manage.py talk_signaling_key generate` prints one.",
                id="talk_calls.E024",
            )
        ]
    except (AttributeError, ImportError, KeyError, TypeError, ValueError):
        pass  # the setting is wrong or a package is missing, which other checks report
    return []
