"""The app that records events, and shortens intervals that are no settings."""

from datetime import timedelta
from unittest.mock import patch

from django.apps import AppConfig

#: Instead of ``constants.PING_INTERVAL``, as SESSION_TIMEOUT is only seconds here.
PING_INTERVAL = timedelta(seconds=0.3)

#: Instead of ``outbox.OVERDUE``: age at which a sweeper sends an event to receivers.
OVERDUE = timedelta(seconds=1)


class RaceConfig(AppConfig):
    """Connects receivers, and replaces intervals."""

    name = "tests.race"

    def ready(self) -> None:
        from talk_calls.models import outbox
        from talk_calls.services import sessions
        from tests.race import recorder

        recorder.connect()
        patch.object(sessions, "PING_INTERVAL", PING_INTERVAL).start()
        patch.object(outbox, "OVERDUE", OVERDUE).start()
