"""Apps that clients ask beside Talk, and that the site does not have."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.expected import NOT_LOGGED_IN, UNKNOWN_ROUTE, ok, refused
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient

pytestmark = [pytest.mark.django_db, pytest.mark.contract("14")]

LISTS = (
    "collaboration/resources/room/abcd",
    "apps/files/api/v1/templates",
    "apps/notifications/api/v2/notifications",
)


@pytest.fixture(params=[1, 2])
def entry(request: pytest.FixtureRequest) -> int:
    """Each entry point."""
    return request.param


def asked(client: OCSClient, address: str) -> OCSAnswer:
    """Ask below the entry point."""
    client.service, _, path = address.partition("/")
    return client.get(path)


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_empty(device, wire, entry, path):
    """For users, by the statement alone that finds out who asks."""
    app = device(UserFactory(), wire=wire, entry=entry)
    with CaptureQueriesContext(connection) as queries:
        answer = asked(app, path)
    assert answer.whole == ok(answer, [] if wire == "json" else "")
    assert len(queries) == 1


@pytest.mark.parametrize("path", LISTS)
def test_guests(wire, entry, path):
    """They get 401."""
    answer = asked(OCSClient(wire=wire, entry=entry), path)
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)


def test_conversations_are_not_looked_up(device):
    """Whether one exists makes no difference."""
    app = device(UserFactory())
    path = "collaboration/resources/room"
    room = ConversationFactory()
    assert asked(app, f"{path}/{room.token}").whole == asked(app, f"{path}/nosuchroom").whole


@pytest.mark.parametrize(
    "path",
    [
        "collaboration/resources/room",
        "collaboration/resources/room/ab-cd",
        "collaboration/resources/file/1",
        "apps/files/api/v1/templates/",
        "apps/user_status/api/v1/user_status",
        "apps/notifications/api/v2/notifications/1",
    ],
)
def test_all_the_rest_is_unknown(device, entry, path):
    """What clients ask only where the capabilities name it is no route."""
    answer = asked(device(UserFactory(), entry=entry), path)
    expected = refused(answer, 404, UNKNOWN_ROUTE, code=998 if entry == 1 else 404)
    assert answer.whole == expected
