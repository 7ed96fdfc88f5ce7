"""Conversations that follow an object of the host."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import (
    ActorType,
    Allow,
    ConversationType,
    InCallFlag,
    LegReason,
    LobbyState,
    ParticipantType,
)
from talk_calls.exceptions import InvalidValue, ManagedByHost, NoSuchConversation
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import (
    calls,
    conversations,
    groups,
    invitations,
    links,
    participants,
    permissions,
)
from talk_calls.services.links import Facts, Link
from talk_calls.signals import ConversationChanged
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.times import START

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]

OWNER, MODERATOR, USER = ParticipantType.OWNER, ParticipantType.MODERATOR, ParticipantType.USER
PROJECT = Link(model="projects.project", pk="7")


def make(allows=Allow.NOTHING, kind=ConversationType.GROUP) -> Conversation:
    return links.get_or_create(link=PROJECT, name="Project", kind=kind, allows=allows)[0]


def roles(room) -> dict[str, int]:
    rows = room.attendees.exclude(user=None)
    return dict(rows.values_list("user__username", "participant_type"))


@pytest.fixture
def alice():
    return UserFactory(username="alice")


@pytest.fixture
def bob():
    return UserFactory(username="bob")


def test_one_for_each_object():
    """The second call finds the conversation that the first made; another object has another."""
    first, created = links.get_or_create(link=PROJECT, name="Project")
    again, created_again = links.get_or_create(link=PROJECT, name="Another name")
    other, _ = links.get_or_create(link=Link("projects.project", "8"), name="Project")
    assert (created, created_again) == (True, False)
    assert first == again != other
    assert again.name == "Project"


def test_simultaneous_calls_make_one(monkeypatch):
    """Who loses the race returns what the other made."""
    found = iter([None])
    find = links.find
    made = make()
    monkeypatch.setattr(links, "find", lambda link: next(found, find(link)))
    assert links.get_or_create(link=PROJECT, name="Project") == (made, False)
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("  Launch ", "Launch"),
        ("", "7"),
        ("ä" * 256, "ä" * 255),
        ("\N{GRINNING FACE}" * 256, "\N{GRINNING FACE}" * 255),
    ],
)
def test_any_name_fits(given, stored):
    """Names of objects are cut between characters, and an object without one has its key."""
    room, _ = links.get_or_create(link=PROJECT, name=given)
    assert room.name == stored
    for name in ("x", given):
        links.follow(conversation=room, read=lambda name=name: Facts({}, name))
    room.refresh_from_db()
    assert room.name == stored


def test_moderators_who_may_rename_keep_their_name():
    """Their name is not overwritten by that of the object."""
    room = make(Allow.RENAME)
    conversations.rename(conversation=room, name="Ours")
    links.follow(conversation=room, read=lambda: Facts({}, "Project", Allow.RENAME))
    room.refresh_from_db()
    assert room.name == "Ours"


def test_members_come_change_and_go(alice, bob):
    """The conversation has the members that the host names, with their roles."""
    room, carol = make(), UserFactory(username="carol")
    assert links.set_members(conversation=room, members={alice: OWNER, bob: USER})
    assert roles(room) == {"alice": 1, "bob": 3}
    assert links.set_members(conversation=room, members={bob: MODERATOR, carol: USER})
    assert roles(room) == {"bob": 2, "carol": 3}
    assert links.set_members(conversation=room, members={})
    assert roles(room) == {}
    assert Conversation.objects.get() == room


def test_repeating_it_changes_nothing(alice, bob, sent):
    """The same members again cost one query, take no lock, and send no event."""
    room, members = make(), {alice: OWNER, bob: USER}
    links.set_members(conversation=room, members=members)
    sent.clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert not links.set_members(conversation=room, members=members)
    assert (len(queries), sent) == (1, [])


def test_what_is_read_under_the_lock_counts(alice, bob):
    """Who waited for the lock does not undo what others did meanwhile."""
    room, wanted = make(), [Facts({alice: OWNER}), Facts({alice: OWNER, bob: USER})]
    assert links.follow(conversation=room, read=lambda: wanted.pop(0))
    assert roles(room) == {"alice": 1, "bob": 3}
    answers = [None, Facts({}), None]  # the object was deleted meanwhile
    assert not links.follow(conversation=room, read=lambda: answers.pop(0))
    assert not links.follow(conversation=room, read=lambda: answers.pop(0))
    assert roles(room) == {"alice": 1, "bob": 3}


def test_few_statements_for_many(django_assert_max_num_queries, sent):
    """A thousand members cost as many statements as three, and one event."""
    room = make()
    old, new = UserFactory.create_batch(40), UserFactory.create_batch(40)
    links.set_members(conversation=room, members=dict.fromkeys(old, USER))
    sent.clear()
    wanted = dict.fromkeys(new, USER) | dict.fromkeys(old[:20], MODERATOR)
    with django_assert_max_num_queries(22):
        links.set_members(conversation=room, members=wanted)
    assert room.attendees.count() == 60
    assert [type(event) for event in sent] == [ConversationChanged] * 2  # gone, and changed


def test_others_go_unless_the_link_allows_them(alice, bob):
    """An invited user stays only beside a link that allows outsiders."""
    for allows, stays in ((Allow.OUTSIDERS, True), (Allow.NOTHING, False)):
        room = make()
        links.follow(conversation=room, read=lambda allows=allows: Facts({}, allows=allows))
        AttendeeFactory(conversation=room, user=bob)
        AttendeeFactory(
            conversation=room, user=None, actor_type=ActorType.EMAILS, actor_id="a@example.org"
        )
        links.set_members(conversation=room, members={alice: OWNER})
        assert ("bob" in roles(room)) is stays
        assert room.attendees.filter(actor_type=ActorType.EMAILS).exists() is stays
        conversations.delete(conversation=room)


def test_guests_of_a_public_one_stay(alice):
    """Who came by the link is there as long as in any public conversation."""
    room = make(kind=ConversationType.PUBLIC)
    guest = GuestFactory(conversation=room)
    passing = AttendeeFactory(conversation=room, participant_type=ParticipantType.USER_SELF_JOINED)
    links.set_members(conversation=room, members={alice: OWNER})
    assert {guest, passing} < set(room.attendees.all())


def test_somebody_invited_becomes_a_member_of_the_host(alice, bob):
    """From then on the host decides about them."""
    room = make(Allow.OUTSIDERS)
    AttendeeFactory(conversation=room, user=bob, by_group=True)
    links.set_members(conversation=room, members={alice: OWNER, bob: MODERATOR})
    became = room.attendees.get(user=bob)
    assert (became.by_host, became.by_group, became.participant_type) == (True, False, 2)
    links.set_members(conversation=room, members={alice: OWNER})
    assert roles(room) == {"alice": 1}


def in_call(room, user) -> Session:
    session = SessionFactory(
        attendee=room.attendees.get(user=user), conversation=room, last_ping=START
    )
    calls.join(session=session, flags=InCallFlag.DEFAULT, now=START)
    return session


def test_removed_people_are_out_of_the_running_call(alice, bob):
    """They leave at once; the call goes on for the others, and ends with the last."""
    room = make()
    links.set_members(conversation=room, members={alice: OWNER, bob: USER})
    in_call(room, alice)
    in_call(room, bob)
    links.set_members(conversation=room, members={alice: OWNER}, now=START)
    gone = CallLeg.objects.get(user=bob)
    assert (gone.reason, gone.left_at) == (LegReason.REMOVED, START)
    assert Call.objects.get().ended_at is None
    links.set_members(conversation=room, members={}, now=START)
    assert Call.objects.get().end_reason == LegReason.REMOVED


def test_demoted_people_lose_their_rights_in_the_call(alice, bob):
    """Behind a lobby only moderators are in the call."""
    room = make()
    links.set_members(conversation=room, members={alice: OWNER, bob: MODERATOR})
    room.lobby_state = LobbyState.NON_MODERATORS
    room.save()
    in_call(room, alice)
    session = in_call(room, bob)
    links.set_members(conversation=room, members={alice: OWNER, bob: USER}, now=START)
    session.refresh_from_db()
    assert session.in_call == InCallFlag.DISCONNECTED


@pytest.mark.parametrize("role", [ParticipantType.GUEST, 5, 6])
def test_only_roles_of_members(alice, role):
    """A host gives no role of somebody who came by the link."""
    with pytest.raises(InvalidValue):
        links.set_members(conversation=make(), members={alice: role})


def test_a_one_to_one_stays_one(alice):
    """Its two people are its members."""
    room = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    with pytest.raises(InvalidValue):
        links.set_members(conversation=room, members={alice: OWNER})


def test_a_deleted_conversation(alice):
    """Who synchronizes one that was deleted meanwhile is told so."""
    room = make()
    Conversation.objects.all().delete()
    with pytest.raises(NoSuchConversation):
        links.set_members(conversation=room, members={alice: OWNER})


def test_without_the_link_it_is_one_like_others(alice, bob):
    """Members and roles stay, and moderators decide from then on."""
    room = make()
    links.set_members(conversation=room, members={alice: OWNER, bob: USER})
    links.unlink(conversation=room)
    assert links.find(PROJECT) is None
    room.refresh_from_db()
    conversations.rename(conversation=room, name="Ours")
    permissions.promote(attendee=room.attendees.get(user=bob), performed_by=None)
    assert roles(room) == {"alice": 1, "bob": 2}


def test_operators_and_code_of_the_site_are_refused_what_the_host_would_undo(alice, bob):
    """What the next synchronization takes back is not done; deleting is."""
    room, carol = make(), UserFactory()
    Group.objects.create(name="staff")
    links.set_members(conversation=room, members={alice: OWNER, bob: USER})
    member = room.attendees.get(user=bob)
    refused = [
        lambda: conversations.rename(conversation=room, name="x"),
        lambda: conversations.set_public(conversation=room, public=True),
        lambda: conversations.edit(conversation=room, fields=["listable"], now=START),
        lambda: participants.add_user(conversation=room, user=carol),
        lambda: participants.add_users(conversation=room, users=[carol]),
        lambda: groups.add(conversation=room, group_id="staff"),
        lambda: invitations.expel_as_operator(attendee=member, now=START),
        lambda: invitations.expel_many(conversation=room, attendees=[member], now=START),
        lambda: permissions.promote(attendee=member, performed_by=None),
        lambda: permissions.set_owner(conversation=room, user=bob),
        lambda: participants.resign(attendee=member),
    ]
    before = list(Attendee.objects.order_by("pk").values())
    for change in refused:
        with pytest.raises(ManagedByHost):
            change()
    assert list(Attendee.objects.order_by("pk").values()) == before
    conversations.delete(conversation=room)
    assert not Conversation.objects.exists()


def test_it_outlives_its_last_user(alice):
    """It belongs to the object, which is still there."""
    room = make(Allow.OUTSIDERS)
    links.set_members(conversation=room, members={alice: OWNER})
    alice.delete()
    assert Conversation.objects.get() == room
    outsider = AttendeeFactory(conversation=room)
    participants.resign(attendee=outsider)
    assert Conversation.objects.get() == room
    assert not room.attendees.exists()


@pytest.mark.parametrize(
    ("model", "pk"),
    [("", ""), ("gone.model", "1"), ("auth.user", "0"), ("auth.user", "no number"), ("x", "1")],
)
def test_no_object(model, pk):
    """An object, a model or an app that is gone is None and no error."""
    assert ConversationFactory(linked_model=model, linked_pk=pk).linked_object is None


def test_the_object(alice):
    """The link leads back to the object."""
    room = ConversationFactory(linked_model="auth.user", linked_pk=str(alice.pk))
    assert room.linked_object == alice
