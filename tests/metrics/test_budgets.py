"""Measuring costs no SQL statement."""

import pytest

from talk_calls.metrics import receivers
from tests.api.test_budgets import cost, costs, participants_in_call, with_app_password
from tests.factories import AttendeeFactory, SessionFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db(transaction=True)


def measure(device: OCSClient, token: str) -> dict[str, int]:
    """Return what requests cost, those that start and end a call among them."""
    path = f"room/{token}/participants/active"
    return {
        **costs(device, token),
        "rooms": cost(lambda: device.get("room")),
        "enter": cost(lambda: device.post(path, {"force": "true"})),
        "poll": cost(lambda: device.get(f"signaling/{token}")),
    }


@pytest.mark.parametrize("alone", [True, False])
def test_no_statement_more(measured, alone):
    """The same requests cost the same with metrics as without."""
    member = AttendeeFactory(user__username="alice")
    SessionFactory(attendee=member)
    device = with_app_password(member.user, "v3")
    token = member.conversation.token
    if not alone:
        participants_in_call(member.conversation, 1)
    measure(device, token)  # fills caches
    measured_costs = measure(device, token)
    receivers.disconnect()
    assert measured_costs == measure(device, token)
