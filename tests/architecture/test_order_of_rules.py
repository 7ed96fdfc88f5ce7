"""The order of checks is told twice, to the API and to whoever explains it; both tell the same."""

import pytest

from talk_calls import policies
from talk_calls.api.permissions import CallsAreEnabled
from talk_calls.api.views.calls import CallViewSet, CallViewSetV4


def asked(view, action):
    return tuple(
        policies.calls_are_enabled if permission is CallsAreEnabled else permission.rule
        for permission in view.permissions[action]
    )


@pytest.mark.parametrize(
    ("view", "action", "rules"),
    [
        (CallViewSet, "list", policies.LIST_CALL),
        (CallViewSet, "leave", policies.LEAVE_CALL),
        (CallViewSetV4, "list", policies.LIST_CALL),
        (CallViewSetV4, "leave", policies.LEAVE_CALL_V4),
    ],
)
def test_permission_classes_are_the_rules(view, action, rules):
    """In the same order."""
    assert asked(view, action) == rules


@pytest.mark.parametrize("view", [CallViewSet, CallViewSetV4])
def test_joining_asks_for_the_list_first(view):
    """What a join asks beyond that, the view and the service ask in the order of ``JOIN_CALL``."""
    first = asked(view, "join")
    assert first == policies.LIST_CALL
    assert policies.JOIN_CALL[: len(first)] == first
