"""Wiring of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TalkCallsConfig(AppConfig):
    """Registers checks and receivers once the registry is ready."""

    name = "talk_calls"
    verbose_name = _("Talk calls")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bind what has to listen."""
        from django.core.checks import register

        from talk_calls import checks
        from talk_calls.checks.metrics import setup_fault
        from talk_calls.conf import conf
        from talk_calls.host import clock, logins
        from talk_calls.hpb import receivers as hpb_receivers
        from talk_calls.hpb.checks import check_key
        from talk_calls.privacy import receivers as privacy_receivers
        from talk_calls.rooms import registration
        from talk_calls.services import receivers
        from talk_calls.signaling import receivers as signaling_receivers

        checks.register()
        register(check_key)
        clock.connect()
        logins.connect()
        receivers.connect()
        privacy_receivers.connect()
        signaling_receivers.connect()
        hpb_receivers.connect()
        registration.connect()
        if conf.metrics and setup_fault() is None:
            from talk_calls.metrics import receivers as metrics_receivers

            metrics_receivers.connect()
