"""Wiring of the app."""

from django.apps import AppConfig


class TalkCallsConfig(AppConfig):
    """Registers checks and receivers once the registry is ready."""

    name = "talk_calls"
    verbose_name = "Talk calls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bind what has to listen."""
        from talk_calls import checks
        from talk_calls.host import clock, logins
        from talk_calls.hpb import receivers as hpb_receivers
        from talk_calls.rooms import registration
        from talk_calls.services import receivers
        from talk_calls.signaling import receivers as signaling_receivers

        checks.register()
        clock.connect()
        logins.connect()
        receivers.connect()
        signaling_receivers.connect()
        hpb_receivers.connect()
        registration.connect()
