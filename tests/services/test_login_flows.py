"""Requests about one login that meet: one password, one grant."""

from functools import partial

import pytest
from django.utils import timezone

from talk_calls.models import AppPassword, LoginFlow
from talk_calls.services import login_flows
from talk_calls.services.login_flows import Start, Tokens
from tests.factories import UserFactory
from tests.services.test_concurrency import ROUNDS, at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def started() -> tuple[Tokens, Start]:
    """Return the tokens of a login, and the content of the browser's."""
    tokens = login_flows.start(client_name="phone", now=timezone.now())
    login = login_flows.read(tokens.login, now=timezone.now())
    assert login
    return tokens, login


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_eight_polls_get_one_password(turn):
    """An app that asks several times at once gets its password once."""
    tokens, login = started()
    login_flows.grant(login=login, user=UserFactory(), now=timezone.now())
    poll = partial(login_flows.redeem, poll_token=tokens.poll, now=timezone.now())
    answers = at_once(*[poll] * 8)
    assert len([answer for answer in answers if answer]) == 1
    assert AppPassword.objects.count() == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_eight_users_grant_once(turn):
    """Of several users who grant the same login one succeeds, and the others are refused."""
    tokens, login = started()
    users = UserFactory.create_batch(8)
    now = timezone.now()
    grants = [partial(login_flows.grant, login=login, user=user, now=now) for user in users]
    answers = at_once(*grants)
    assert sorted(answers) == [False] * 7 + [True]
    winner = users[answers.index(True)]
    assert LoginFlow.objects.get().user == winner
    assert login_flows.redeem(poll_token=tokens.poll, now=now)[0] == winner
