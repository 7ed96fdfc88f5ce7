"""Checks that endpoints of webhooks get what happens."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning
from talk_calls.reports import webhooks as reports
from talk_calls.webhooks import signatures

#: How old an event may be that waits for a receiver which fails, before this is a warning.
TOLERANCE = timedelta(hours=1)


def run(context: CheckContext) -> list[Result]:
    """Look at what waits, at what was given up, and at endpoints that fail."""
    backlog = reports.backlog(context.now)
    if not backlog.endpoints:
        return [skipped(_("There are no webhook endpoints."))]
    results = [*_nobody_delivers(backlog), *_endpoints(backlog), *_events(backlog)]
    return results or [
        ok(
            _("Webhook endpoints: {count}. Events that wait: {waiting}.").format(
                count=len(backlog.endpoints), waiting=backlog.waiting_text
            )
        )
    ]


def _nobody_delivers(backlog: reports.Backlog) -> Iterable[Result]:
    """Yield an error where nothing can be sent, or nobody sends it."""
    if not signatures.is_installed():
        hint = _("pip install 'talk-calls[webhooks]'")
        yield error(_("The package that webhooks need is not installed."), hint)
    elif backlog.is_late:
        hint = _("Run manage.py talk_deliver --loop 1 as a service; nothing is lost meanwhile.")
        message = _("A webhook should have been sent {minutes} minutes ago.")
        yield error(message.format(minutes=backlog.overdue_minutes), hint)


def _endpoints(backlog: reports.Backlog) -> Iterable[Result]:
    for endpoint in backlog.given_up:
        hint = _("Mend the receiver, then run manage.py talk_webhook enable.")
        message = _("The webhook endpoint {endpoint} is {state}.")
        yield error(
            message.format(endpoint=endpoint, state=reports.state_text(endpoint)),
            hint,
        )
    for endpoint in backlog.failing:
        hint = _("manage.py talk_webhook test shows what it answers.")
        message = _("The webhook endpoint {endpoint} is {state}.")
        yield warning(
            message.format(endpoint=endpoint, state=reports.state_text(endpoint)),
            hint,
        )


def _events(backlog: reports.Backlog) -> Iterable[Result]:
    if backlog.dead:
        hint = _(
            "manage.py talk_webhook deliveries --dead lists them, talk_webhook replay --dead sends "
            "them again."
        )
        message = _("Dead letters, webhooks that were given up: {count}.")
        yield warning(message.format(count=backlog.dead_text), hint)
    if backlog.oldest > TOLERANCE:
        hint = _("manage.py talk_webhook list shows which endpoint does not take them.")
        hours = int(backlog.oldest.total_seconds() // 3600)
        message = _("The oldest webhook waits for {hours} h.")
        yield warning(message.format(hours=hours), hint)
