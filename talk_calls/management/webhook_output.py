"""What ``talk_webhook`` prints of endpoints, deliveries and tests."""

from collections.abc import Callable, Iterable
from typing import Any

from talk_calls.management.tables import Key, TextKey, pairs, printable, table
from talk_calls.management.texts import lazy as _
from talk_calls.models import WebhookDelivery
from talk_calls.reports import webhooks as reports
from talk_calls.webhooks.requests import Attempt

_ENDPOINTS = (
    *(_("Name"), _("Address"), _("Events"), _("State"), _("Waiting"), _("Dead letters")),
    _("Last success"),
)
_DELIVERIES = (
    *(_("Number"), _("Endpoint"), _("Event"), _("Conversation"), _("In order"), _("Happened")),
    *(_("State"), _("Attempts"), _("Result")),
)


def endpoint_lines(rows: Iterable[Any]) -> list[str]:
    """Return a table of endpoints with their totals."""
    values = [
        [
            TextKey(each.name),
            reports.address(each),
            reports.types_text(each),
            reports.state_text(each),
            reports.count_text(each.waiting_total),
            reports.count_text(each.dead_total),
            each.last_success_at,
        ]
        for each in rows
    ]
    lines = table(_ENDPOINTS, values, expendable=(_("Events"), _("Last success"), _("Address")))
    return lines or [str(_("There are no endpoints."))]


def delivery_lines(rows: Iterable[WebhookDelivery]) -> list[str]:
    """Return a table of deliveries; the first column is what ``replay`` takes."""
    values = [
        [
            Key(each.pk),
            each.endpoint.name,
            each.event.type,
            TextKey(each.event.conversation_token),
            each.number,
            each.event.at,
            each.get_state_display(),
            each.attempts,
            reports.result_text(each),
        ]
        for each in rows
    ]
    lines = table(_DELIVERIES, values, expendable=(_("In order"), _("Attempts"), _("Happened")))
    return lines or [str(_("Nothing was sent."))]


def test_facts(result: Attempt) -> dict[str, object]:
    """Return what came back of a test, as data."""
    return {
        "success": result.is_success,
        "status": result.status_code,
        "seconds": result.duration,
        "error": result.error,
        "response": result.response,
    }


def test_lines(result: Attempt, style: Callable[[str], str]) -> list[str]:
    """Return what came back of a test; the answer last, without what moves a cursor."""
    sentence = (
        _("The receiver took it.") if result.is_success else _("The receiver did not take it.")
    )
    facts: dict[str, object] = {
        str(_("Status")): Key(result.status_code) if result.status_code else None,
        str(_("Took")): _("{seconds:.2f} s").format(seconds=result.duration),
        str(_("Error")): result.error,
    }
    answer = [printable(line) for line in result.response.splitlines()]
    return [style(str(sentence)), *pairs(facts), *(["", *answer] if answer else [])]
