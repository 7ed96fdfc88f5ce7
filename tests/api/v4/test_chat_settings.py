"""Expiry of messages and who may mention everybody: kept and shown, as there is no chat."""

import pytest

from talk_calls.models import Conversation
from tests.api.shapes import inside
from tests.contract.expected import ok, refused

pytestmark = pytest.mark.django_db

ROUTES = {
    "expiration": ("post", "/message-expiration", "seconds", "message_expiration"),
    "mentions": ("put", "/mention-permissions", "mentionPermissions", "mention_permissions"),
}
EACH = pytest.mark.parametrize(("method", "path", "name", "field"), ROUTES.values(), ids=ROUTES)


@pytest.mark.parametrize("seconds", [3600, 2**31 - 1, 0])
@pytest.mark.postgresql
def test_message_expiration(arrive, wire, seconds):
    """What a moderator sets is what everybody inside is shown."""
    owner, member = arrive("owner", wire=wire), arrive("member")
    Conversation.objects.update(message_expiration=1)
    answer = owner.room("post", "/message-expiration", {"seconds": str(seconds)})
    assert answer.whole == ok(answer)
    assert member.room("get").data["messageExpiration"] == seconds


@pytest.mark.parametrize("level", [0, 1])
def test_mention_permissions(arrive, wire, level):
    """The answer is the conversation."""
    owner = arrive("owner", wire=wire)
    Conversation.objects.update(mention_permissions=1 - level)
    answer = owner.room("put", "/mention-permissions", {"mentionPermissions": str(level)})
    owner.attendee.conversation.refresh_from_db()
    expected = inside(
        "v4",
        owner.attendee,
        owner.session,
        mentionPermissions=level,
        canDeleteConversation=True,
    )
    assert answer.whole == ok(answer, expected)


@EACH
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", None, str(2**31)])
def test_values_that_are_none(arrive, method, path, name, field, value):  # noqa: PLR0917
    """A clear 400, and nothing changes."""
    data = {} if value is None else {name: value}
    assert arrive("owner").room(method, path, data).http == 400
    assert getattr(Conversation.objects.get(), field) == 0


@EACH
@pytest.mark.parametrize(
    ("who", "status"),
    [("member", 403), ("guest", 401), ("guest moderator", 401), ("stranger", 404)],
)
def test_only_moderators_with_an_account(arrive, method, path, name, field, who, status):  # noqa: PLR0917
    """Others are refused, by what they are."""
    assert arrive(who).room(method, path, {name: "1"}).http == status
    assert getattr(Conversation.objects.get(), field) == 0


@EACH
@pytest.mark.parametrize("kind", [1, 5])
def test_not_in_a_one_to_one(arrive, method, path, name, field, kind):  # noqa: PLR0917
    """Two people have nothing to moderate."""
    owner = arrive("owner")
    Conversation.objects.update(type=kind)
    answer = owner.room(method, path, {name: "1"})
    message = "That cannot be done to a one-to-one conversation."
    assert answer.whole == refused(answer, 400, message, data={"error": "value"})
    assert getattr(Conversation.objects.get(), field) == 0


@EACH
@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_older_versions_have_neither(arrive, method, path, name, field, version):  # noqa: PLR0917
    """The routes came with v4."""
    person = arrive("owner")
    person.device.version = version
    assert person.room(method, path, {name: "1"}).http == 404
    assert getattr(Conversation.objects.get(), field) == 0
