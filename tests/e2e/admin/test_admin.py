"""What all pages of the admin have in common."""

import pytest

from tests.e2e.page_checks import axe_violations

MODELS = [
    "conversation",
    *(
        pytest.param(model, marks=pytest.mark.nightly)
        for model in ("apppassword", "attendee", "call", "session")
    ),
]


@pytest.mark.parametrize("model", MODELS)
def test_axe_finds_nothing_serious_where_nothing_is(operator, model):
    """Each list is for everybody, also while it is empty."""
    operator.goto(f"/admin/talk_calls/{model}/")
    assert axe_violations(operator) == set()
