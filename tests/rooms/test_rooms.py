"""The functions of ``talk_calls.rooms``."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject

from talk_calls import rooms
from talk_calls.constants import ConversationType, InCallFlag, LobbyState
from talk_calls.models import Session
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.meetings import Meeting, at
from tests.projects.models import Document, Place, Project
from tests.rooms.conftest import roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(time_machine):
    time_machine.move_to(at(0), tick=False)
    return Meeting()


def test_room_for(django_assert_num_queries):
    """The first call makes the room, all others find it by one query."""
    project = Project.objects.create(name="Launch")
    room = rooms.room_for(project, name="Launch party", public=True, lobby_state=LobbyState.NONE)
    assert (room.name, room.type) == ("Launch party", ConversationType.PUBLIC)
    with django_assert_num_queries(1):
        again = rooms.room_for(project)
    assert again == room == rooms.find_room(project)
    assert room.linked_object == project


@pytest.mark.parametrize(
    "make",
    [
        lambda: Document.objects.create(id=uuid.UUID(int=7), title="Draft"),
        lambda: Place.objects.create(slug='Ärger, im "Büro"'[:20]),
        lambda: Project.objects.create(name=""),
    ],
    ids=["UUID", "text", "number"],
)
def test_any_primary_key(make):
    """The link is text, whatever the key is."""
    obj = make()
    room = rooms.room_for(obj)
    assert rooms.room_for(type(obj).objects.get()) == room
    assert type(room).objects.get().linked_object == obj


def test_a_room_for_the_user_of_a_request(register, alice):
    """The wrapper that Django puts around ``request.user`` has the class of the user model."""

    @register(get_user_model())
    class OfficeRoom(rooms.ModelRoom):
        def name(self, obj):
            return f"Office of {obj}"

        def owners(self, obj):
            return [obj]

    room = rooms.room_for(SimpleLazyObject(lambda: alice))
    assert room.name == "Office of alice"
    assert room == rooms.find_room(alice)
    assert roles(alice) == {"alice": rooms.Role.OWNER}
    rooms.sync_object(SimpleLazyObject(lambda: alice))


def test_an_object_that_is_not_saved():
    """It has no key yet, and so no room."""
    with pytest.raises(ValueError, match="is not saved"):
        rooms.room_for(Project())
    with pytest.raises(ValueError, match="is not saved"):
        rooms.find_room(Project())


def test_sync_takes_users_with_roles():
    """The shortest way to give a room its members."""
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    room = rooms.room_for(Project.objects.create(name="Launch"))
    assert rooms.sync(room, {alice: rooms.Role.OWNER, bob: rooms.Role.USER})
    assert not rooms.sync(room, {alice: rooms.Role.OWNER, bob: rooms.Role.USER})
    assert room.attendees.filter(by_host=True).count() == 2


def test_sync_of_an_ordinary_room():
    """Only those whom `sync` brought are removed by it."""
    room, alice = ConversationFactory(), UserFactory()
    invited = AttendeeFactory(conversation=room)
    rooms.sync(room, {alice: rooms.Role.USER})
    rooms.sync(room, {})
    assert list(room.attendees.all()) == [invited]


def test_people_in_call(meeting, django_assert_num_queries):
    """Each person once, by name, without those who timed out; one query for all rooms."""
    other, empty = Meeting(), ConversationFactory()
    meeting.join("bob", 0)
    meeting.join("alice", 0, device="phone")
    meeting.join("alice", 0, device="laptop")
    meeting.join("gone", 0)
    meeting.time_out("gone", -40)
    other.join("carol", 0)
    assert [str(each) for each in rooms.people_in_call(meeting.conversation)] == ["alice", "bob"]
    with django_assert_num_queries(1):
        found = rooms.people_in_calls([meeting.conversation, other.conversation, empty])
        names = {pk: [each.user and str(each) for each in people] for pk, people in found.items()}
    assert names == {
        meeting.conversation.pk: ["alice", "bob"],
        other.conversation.pk: ["carol"],
        empty.pk: [],
    }


def test_is_in_call(meeting):
    """On any device, and only in this room, and only accounts."""
    meeting.join("alice", 0)
    user = meeting.people["alice"].user
    assert rooms.is_in_call(meeting.conversation, user)
    assert not rooms.is_in_call(meeting.conversation, UserFactory())
    assert not rooms.is_in_call(ConversationFactory(), user)
    assert not rooms.is_in_call(meeting.conversation, user, now=at(31))
    assert not rooms.is_in_call(meeting.conversation, AnonymousUser())


def test_calls_of_a_room(meeting):
    """The running one, and all of them."""
    meeting.join("alice", 0)
    meeting.leave("alice", 1)
    assert rooms.current_call(meeting.conversation) is None
    meeting.join("alice", 60)
    running = rooms.current_call(meeting.conversation, now=at(60))
    assert rooms.past_calls(meeting.conversation).first() == running
    assert rooms.past_calls(meeting.conversation).count() == 2


def test_attendance(meeting, django_assert_num_queries):
    """Breaks do not count, and two devices at a time count once."""
    meeting.join("alice", 0, device="laptop")
    meeting.join("bob", 5)
    meeting.join("alice", 10, device="phone")
    meeting.leave("alice", 20, device="laptop")
    meeting.leave("alice", 30, device="phone")
    meeting.join("alice", 50, device="laptop")
    call = rooms.past_calls(meeting.conversation).get()
    with django_assert_num_queries(3):
        alice, bob = rooms.attendance(call, now=at(60))
    assert alice.user == meeting.people["alice"].user
    assert (alice.name, alice.joined_at, alice.left_at) == ("alice", at(0), None)
    assert alice.duration == timedelta(seconds=40)
    assert (bob.joined_at, bob.duration) == (at(5), timedelta(seconds=55))
    meeting.leave("bob", 60)
    meeting.leave("alice", 70, device="laptop")
    alice, bob = rooms.attendance(call.pk)
    assert (alice.left_at, bob.left_at) == (at(70), at(60))
    assert alice.duration == timedelta(seconds=50)


def test_attendance_of_others(meeting):
    """A guest has no user, nor has an account that was deleted."""
    meeting.people["Gwen"] = GuestFactory(conversation=meeting.conversation, display_name="Gwen")
    AttendeeFactory(conversation=meeting.conversation)  # the conversation goes with its last user
    meeting.join("Gwen", 0)
    meeting.join("alice", 0)
    meeting.leave("alice", 10)
    meeting.leave("Gwen", 10)
    meeting.people["alice"].user.delete()
    call = rooms.past_calls(meeting.conversation).get()
    assert {(each.user, each.name) for each in rooms.attendance(call)} == {
        (None, "Gwen"),
        (None, "Deleted user"),
    }


def test_ring():
    """A page of the site rings for its user."""
    room = rooms.room_for(Project.objects.create(name="Launch"))
    alice, bob, stranger = UserFactory.create_batch(3)
    rooms.sync(room, {alice: rooms.Role.OWNER, bob: rooms.Role.USER})
    assert rooms.ring(room, [alice, bob, stranger], by=stranger) == [alice, bob]
    assert rooms.ring(room, [alice, bob], by=alice) == [bob]


def test_url(settings, rf):
    """The page of the app, or that of the site."""
    room = ConversationFactory()
    assert rooms.url(room) == room.get_absolute_url() == f"/call/{room.token}"
    assert rooms.url(room, request=rf.get("/")) == f"http://testserver/call/{room.token}"
    settings.TALK_CALLS = {"CALL_PAGE": "https://meet.example/{token}"}
    assert rooms.url(room, request=rf.get("/")) == f"https://meet.example/{room.token}"


def test_url_below_a_path(settings):
    """A site that is mounted below a path is linked there."""
    from django.urls import set_script_prefix

    set_script_prefix("/intranet/")
    try:
        room = ConversationFactory()
        assert rooms.url(room) == f"/intranet/call/{room.token}"
    finally:
        set_script_prefix("/")


def test_url_without_the_page(settings):
    """A site that does not include it has one elsewhere."""
    settings.ROOT_URLCONF = "tests.ocs.urls"
    room = ConversationFactory()
    assert rooms.url(room) == f"/call/{room.token}"


def test_delete_and_unlink():
    """A room ends, or becomes a conversation like others."""
    project = Project.objects.create(name="Launch")
    kept = rooms.room_for(project)
    rooms.unlink(kept)
    assert rooms.find_room(project) is None
    deleted = rooms.room_for(project)
    assert deleted != kept
    rooms.delete(deleted)
    assert list(rooms.Conversation.objects.all()) == [kept]


def test_removed_from_a_running_call():
    """What the site decides takes effect at once."""
    room = rooms.room_for(Project.objects.create(name="Launch"))
    alice, bob = UserFactory.create_batch(2)
    rooms.sync(room, {alice: rooms.Role.USER, bob: rooms.Role.USER})
    for user in (alice, bob):
        SessionFactory(
            attendee=room.attendees.get(user=user), conversation=room, in_call=InCallFlag.DEFAULT
        )
    rooms.sync(room, {alice: rooms.Role.USER})
    assert not rooms.is_in_call(room, bob)
    assert Session.objects.get().attendee.user == alice


def test_announced_to(meeting):
    """Members who can come, want to hear of it, and are not in; also where a guest called."""
    meeting.people["Gwen"] = GuestFactory(conversation=meeting.conversation, display_name="Gwen")
    AttendeeFactory(conversation=meeting.conversation, notification_calls=False)
    AttendeeFactory(conversation=meeting.conversation, participant_type=5)
    bob = AttendeeFactory(conversation=meeting.conversation)
    meeting.join("Gwen", 0)
    meeting.join("alice", 1)
    call = rooms.current_call(meeting.conversation)
    event = rooms.CallStarted(
        conversation_id=meeting.conversation.pk,
        token="x",
        at=at(0),
        actor_type="guests",
        actor_id="",
        display_name="Gwen",
        call_id=call.pk,
        resumes=None,
    )
    assert rooms.announced_to(event) == [bob.user]
    rooms.delete(meeting.conversation)
    assert rooms.announced_to(event) == []


def test_object_of():
    """From an event back to the object of the site."""
    project = Project.objects.create(name="Launch")
    room = rooms.room_for(project)
    fields = {"call_id": 1, "started_at": at(0), "at": at(1), "reason": "left", "token": "x"}
    nobody = {"actor_type": "", "actor_id": "", "display_name": ""}
    event = rooms.CallEnded(conversation_id=room.pk, **fields, **nobody)
    assert rooms.object_of(event) == project
    rooms.unlink(room)
    assert rooms.object_of(event) is None
    rooms.delete(room)
    assert rooms.object_of(event) is None
