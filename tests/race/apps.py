"""The app that a raced site has beside the others."""

from datetime import timedelta
from unittest.mock import patch

from django.apps import AppConfig

#: A ping that is stored this recently is not stored again; as short as all else in a race.
PING_INTERVAL = timedelta(seconds=0.3)

#: How old a kept event is before a sweeper tells it.
OVERDUE = timedelta(seconds=1)


class RaceConfig(AppConfig):
    """Records events, and hurries what is not a setting."""

    name = "tests.race"

    def ready(self) -> None:
        from talk_calls.services import events, sessions
        from tests.race import recorder

        recorder.connect()
        patch.object(sessions, "PING_INTERVAL", PING_INTERVAL).start()
        patch.object(events, "OVERDUE", OVERDUE).start()
