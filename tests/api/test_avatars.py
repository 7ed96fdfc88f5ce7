"""``GET /room/{token}/avatar`` and ``…/avatar/dark``: a generated picture (clients 5)."""

import pytest
from django.test import Client

from tests.factories import ConversationFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

PATH = "/ocs/{entry}.php/apps/spreed/api/v1/room/{token}/avatar"


@pytest.mark.parametrize("path", ["/avatar", "/avatar/dark"])
@pytest.mark.parametrize("entry", ["v1", "v2"])
@pytest.mark.parametrize(("who", "initial"), [("member", "W"), ("nobody", "T")])
def test_picture(path, entry, who, initial):
    """Members see the initial of the name, others a picture that does not depend on it."""
    room = ConversationFactory(name="Weekly", token="token1")
    person = arrive(who, room, version="v1")
    person.device.entry = int(entry[1])
    response = person.room("get", path).response
    assert response.status_code == 200
    assert f">{initial}</text></svg>" in response.content.decode()
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "private, max-age=3600"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_an_image_in_a_page():
    """A browser loads it without any header of ours."""
    room = ConversationFactory()
    assert Client().get(PATH.format(entry="v2", token=room.token)).status_code == 200


def test_private_conversation():
    """Outsiders get the same answer whether or not the conversation exists."""
    room = ConversationFactory(type=2)
    answers = [
        Client().get(PATH.format(entry="v2", token=token)) for token in (room.token, "unknown")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
