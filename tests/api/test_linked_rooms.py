"""Conversations that are linked to an object of the host: what moderators cannot change there."""

import pytest

from talk_calls.constants import Allow, ConversationType, Listable
from talk_calls.models import Attendee, Conversation
from talk_calls.services import links
from talk_calls.services.links import Link
from tests.contract.expected import refused
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

PROJECT = Link(model="projects.project", pk="7")

#: What makes sense only where guests come in.
IN_PUBLIC = {"close", "set a password", "remove the password"}

#: What a moderator may try, with the bits that the link has to have; None for never.
GOVERNED = {
    "rename": ("put", "", {"roomName": "Mine"}, Allow.RENAME),
    "describe": ("put", "/description", {"description": "Mine"}, Allow.RENAME),
    "delete": ("delete", "", None, Allow.DELETE),
    "list": ("put", "/listable", {"scope": Listable.USERS}, Allow.PUBLIC),
    "open": ("post", "/public", None, Allow.PUBLIC),
    "close": ("delete", "/public", None, Allow.PUBLIC),
    "set a password": ("put", "/password", {"password": "let me in"}, Allow.PUBLIC),
    "remove the password": ("put", "/password", {"password": ""}, Allow.PUBLIC),
    "add a user": ("post", "/participants", {"newParticipant": "bob"}, Allow.OUTSIDERS),
    "add a group": (
        "post",
        "/participants",
        {"newParticipant": "staff", "source": "groups"},
        None,
    ),
    "add an address": (
        "post",
        "/participants",
        {"newParticipant": "bob@example.org", "source": "emails"},
        Allow.OUTSIDERS | Allow.PUBLIC,
    ),
    "leave for good": ("delete", "/participants/self", None, None),
}


def linked(kind=ConversationType.GROUP, allows=Allow.NOTHING) -> Conversation:
    return ConversationFactory(
        type=kind, linked_model=PROJECT.model, linked_pk=PROJECT.pk, linked_allows=allows
    )


def member(who: str, room: Conversation, **kwargs):
    """Return somebody whom the host made a member."""
    person = arrive(who, room, **kwargs)
    Attendee.objects.filter(pk=person.attendee.pk).update(by_host=True)
    return person


@pytest.fixture(autouse=True)
def _outside(django_user_model, settings):
    from django.contrib.auth.models import Group

    settings.TALK_CALLS = {"CALL_PAGE": "/call/{token}"}
    UserFactory(username="bob")
    Group.objects.create(name="staff")


@pytest.mark.parametrize("what", GOVERNED)
@pytest.mark.parametrize("who", ["owner", "moderator"])
def test_the_host_decides(who, what):
    """A moderator is refused by 403 with a code, and nothing changes."""
    method, path, data, _ = GOVERNED[what]
    room = linked(ConversationType.PUBLIC if what in IN_PUBLIC else ConversationType.GROUP)
    moderator = member(who, room, version="v4")
    before = list(Conversation.objects.values()), Attendee.objects.count()
    answer = moderator.room(method, path, data)
    assert answer.whole == refused(answer, 403, data={"error": "managed"})
    after = list(Conversation.objects.values()), Attendee.objects.count()
    for rows in before, after:
        for row in rows[0]:
            del row["roster"], row["last_activity_at"]
    assert after == before


@pytest.mark.parametrize("what", [name for name, row in GOVERNED.items() if row[3] is not None])
def test_what_the_link_allows(what):
    """A bit of the link gives one of these to the moderators."""
    method, path, data, needed = GOVERNED[what]
    kind = ConversationType.PUBLIC if what in IN_PUBLIC else ConversationType.GROUP
    room = linked(kind, needed)
    answer = member("moderator", room, version="v4").room(method, path, data)
    assert answer.http == 200, answer.whole


def test_an_address_needs_both(settings):
    """An invitation by mail opens the conversation, so outsiders alone are not enough."""
    room = linked(allows=Allow.OUTSIDERS)
    data = {"newParticipant": "bob@example.org", "source": "emails"}
    answer = member("moderator", room, version="v4").room("post", "/participants", data)
    assert answer.whole == refused(answer, 403, data={"error": "managed"})
    room.refresh_from_db()
    assert not room.is_public


def test_nobody_leaves_by_the_own_id():
    """In v4 that is the same as leaving for good, which the host decides."""
    room = linked(allows=~Allow.NOTHING)
    owner = member("owner", room, version="v4")
    member("moderator", room)
    answer = owner.room("delete", "/attendees", {"attendeeId": owner.attendee.pk})
    assert answer.whole == refused(answer, 403, data={"error": "managed"})


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
@pytest.mark.parametrize("what", ["promote", "demote", "remove", "remove oneself"])
def test_members_and_roles_in_old_versions(version, what):
    """Nobody's role or membership is changed by name either."""
    room = linked(allows=~Allow.NOTHING)
    owner, other = member("owner", room, version=version), member("member", room)
    path, method, whom = {
        "promote": ("/moderators", "post", other),
        "demote": ("/moderators", "delete", other),
        "remove": ("/participants", "delete", other),
        "remove oneself": ("/participants", "delete", owner),
    }[what]
    answer = owner.room(method, path, {"participant": whom.device.username})
    assert answer.whole == refused(answer, 403)
    assert set(room.attendees.values_list("participant_type", flat=True)) == {1, 3}


def test_members_are_not_removed_and_outsiders_are():
    """Who was invited beside the members can be removed again."""
    room = linked(allows=Allow.OUTSIDERS)
    owner, other = member("owner", room, version="v4"), member("member", room)
    outsider = AttendeeFactory(conversation=room)
    answers = [
        owner.room("delete", "/attendees", {"attendeeId": each.pk})
        for each in (other.attendee, outsider)
    ]
    assert [answer.http for answer in answers] == [403, 200]
    assert answers[0].data == {"error": "managed"}


@pytest.mark.parametrize(("allows", "may_delete"), [(Allow.NOTHING, False), (Allow.DELETE, True)])
def test_the_room_object_says_so(allows, may_delete):
    """Apps hide what would be refused; they see no trace of the link."""
    room = linked(allows=allows)
    shown = member("owner", room, version="v4").room("get").data
    assert shown["canDeleteConversation"] is may_delete
    assert shown["canLeaveConversation"] is False
    assert (shown["objectType"], shown["objectId"]) == ("", "")


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("put", "/webinar/lobby", {"state": 1}),
        ("put", "/read-only", {"state": 1}),
        ("put", "/permissions/default", {"permissions": 2}),
        ("post", "/favorite", None),
        ("post", "/notify", {"level": 1}),
        ("post", "/participants/active", None),
        ("delete", "/participants/active", None),
    ],
)
def test_what_stays_with_the_moderators(method, path, data):
    """Lobby, lock and permissions work, and so does what everybody does for themselves."""
    answer = member("moderator", linked(), version="v4").room(method, path, data)
    assert answer.http == 200, answer.whole


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_no_forged_link(device, version):
    """Whatever a client sends when it makes a conversation, it never is that of an object."""
    mallory = device(UserFactory(), version=version)
    forged = {
        "roomType": 2,
        "roomName": "Project 7",
        "objectType": PROJECT.model,
        "objectId": PROJECT.pk,
        **dict.fromkeys(("linkedModel", "linked_model"), PROJECT.model),
        **dict.fromkeys(("linkedPk", "linked_pk"), PROJECT.pk),
        **dict.fromkeys(("linkedAllows", "linked_allows"), 15),
    }
    answer = mallory.request("post", "room", forged)
    assert answer.http == 201
    [made] = Conversation.objects.all()
    assert not made.is_linked
    assert links.find(PROJECT) is None
    genuine, created = links.get_or_create(link=PROJECT, name="Project 7")
    assert created
    assert genuine != made
    assert not genuine.attendees.exists()
