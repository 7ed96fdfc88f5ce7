"""Every action takes its permission classes, and their order, from a tuple of ``policies``."""

import pytest

from talk_calls import policies, urls
from talk_calls.api.operations import operation_of
from talk_calls.api.permissions import CLASSES, IsUser, permission_classes_for
from talk_calls.api.views.base import ConversationViewSet
from tests.architecture.test_routes import routes

RULES = {permission: rule for rule, permission in CLASSES.items()}
TUPLES = [value for value in vars(policies).values() if isinstance(value, tuple)]
ACTIONS = {
    (pattern.callback.cls, action)
    for version, _, pattern in routes(urls.urlpatterns)
    if version
    for action in pattern.callback.actions.values()
}


@pytest.mark.parametrize(
    ("viewset", "action"),
    sorted(ACTIONS, key=str),
    ids=lambda each: getattr(each, "__name__", each),
)
def test_action_has_the_classes_of_a_tuple(viewset, action):
    """After those of every endpoint, and the login where one is needed, in the tuple's order."""
    operation = operation_of(viewset, action)
    assert any(rules is operation.rules for rules in TUPLES), "write a tuple in policies"
    view = viewset(action=action)
    everywhere = view.permission_classes
    asked = [type(permission) for permission in view.get_permissions()]
    login = [IsUser] if operation.users_only else []
    rest = asked[len(everywhere) + len(login) :]
    assert asked == [*everywhere, *login, *rest]
    assert tuple(RULES[permission] for permission in rest) == operation.rules
    # Rules are asked about a situation, which only these views look up.
    assert not operation.rules or issubclass(viewset, ConversationViewSet)


def test_rules_of_the_service_continue_those_of_the_view():
    """The rules of the service continue where those of the view stop."""
    first = policies.JOIN_CALL_BEFORE_REFILL
    assert policies.JOIN_CALL[: len(first)] == first
    assert policies.JOIN_CALL[len(first) :] == (
        policies.has_session,
        policies.may_start_call,
        policies.policy_may_start_call,
    )


def test_each_rule_has_one_class():
    """All rules of tuples do but those that only the lock can answer."""
    rules = {rule for each in TUPLES for rule in each}
    assert rules - set(CLASSES) == {policies.may_start_call, policies.policy_may_start_call}
    with pytest.raises(KeyError):
        permission_classes_for(policies.JOIN_CALL)
