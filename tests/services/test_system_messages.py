"""What is stored as messages of a conversation: whole rows, for each kind."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import (
    ERASED_ID_PREFIX,
    ActorType,
    ConversationType,
    LegReason,
    Listable,
    LobbyState,
    ParticipantType,
    PermissionChange,
    ReadOnly,
    SystemMessageKind,
)
from talk_calls.exceptions import LobbyActive
from talk_calls.host.actors import GUEST, Actor
from talk_calls.models import Attendee, Conversation, SystemMessage
from talk_calls.services import (
    calls,
    conversations,
    creation,
    groups,
    guests,
    invitations,
    links,
    lobby,
    locking,
    participants,
    permissions,
    sessions,
    sweeper,
)
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.times import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NOBODY = ("", "", "")
BOSS, ANN, GUS = ("users", "boss", "Boss"), ("users", "ann", "Ann"), ("guests", "gus", "Gus")


@pytest.fixture
def room():
    return ConversationFactory(name="Weekly")


@pytest.fixture
def boss(room):
    return AttendeeFactory(
        conversation=room, participant_type=1, user__username="boss", display_name="Boss"
    )


@pytest.fixture
def ann(room):
    return AttendeeFactory(conversation=room, user__username="ann", display_name="Ann")


@pytest.fixture
def gus(room):
    return GuestFactory(conversation=room, actor_id="gus", display_name="Gus", created_at=at(0))


def messages(conversation) -> list[tuple]:
    """Return all messages of a conversation by their ids: kind, second, actor and details."""
    return [
        (
            message.kind,
            (message.at - at(0)).total_seconds(),
            (message.actor_type, message.actor_id, message.display_name),
            message.details,
        )
        for message in conversation.system_messages.all()
    ]


def about(actor) -> dict:
    """Return the details that name an actor."""
    return {"user": dict(zip(("type", "id", "name"), actor, strict=True))}


def end(duration, *users, guests=0) -> dict:
    people = [about(user)["user"] for user in users]
    return {"duration": duration, "people": people, "users": len(users), "guests": guests}


def online(attendee, seconds=0.0):
    return SessionFactory(attendee=attendee, last_ping=at(seconds))


def joined(attendee, seconds=0.0, flags=7):
    session = online(attendee, seconds)
    calls.join(session=session, flags=flags, now=at(seconds))
    session.refresh_from_db()
    return session


# Calls


def test_a_call_with_two(room, boss, gus):
    """Who starts does not join as well, and the last one to leave ends it."""
    first, second = joined(boss, 0), joined(gus, 1)
    calls.change_flags(session=first, flags=3, now=at(2))
    calls.join(session=second, flags=1, now=at(3))
    calls.leave(session=first, now=at(10))
    calls.leave(session=second, now=at(21.9))
    assert messages(room) == [
        ("call_started", 0, BOSS, {}),
        ("call_joined", 1, GUS, {}),
        ("call_left", 10, BOSS, {}),
        ("call_left", 21.9, GUS, {}),
        ("call_ended", 21.9, GUS, end(21, BOSS, guests=1)),
    ]


def test_leaving_without_being_in_the_call_says_nothing(room, boss):
    """It only counts as activity."""
    calls.leave(session=online(boss), now=at(1))
    assert messages(room) == []


def test_a_call_ended_for_everybody(room, boss, ann, gus):
    """One message of the moderator stands for all who went."""
    session = joined(boss, 0)
    joined(ann, 1)
    joined(gus, 2)
    calls.end_for_all(session=session, now=at(10))
    assert messages(room)[3:] == [("call_ended_everyone", 10, BOSS, end(10, BOSS, ANN, guests=1))]


def test_a_call_ended_by_an_operator_and_by_the_site(room, boss):
    """An operator is named; what nobody did ends no call for everybody."""
    root = UserFactory(username="root", first_name="Root", last_name="")
    joined(boss, 0)
    calls.end(conversation=room, now=at(5), performed_by=participants.operator(root))
    joined(boss, 20)
    calls.end(conversation=room, now=at(25))
    assert [each for each in messages(room) if "ended" in each[0]] == [
        ("call_ended_everyone", 5, ("users", "root", "Root"), end(5, BOSS)),
        ("call_ended", 25, NOBODY, end(5, BOSS)),
    ]


def test_a_call_that_timed_out(room, boss, ann):
    """They left when they timed out, before the next message, and nobody ended the call."""
    joined(boss, 0)
    joined(ann, 5)
    with locking.locked(room.pk, now=at(600)):
        pass
    assert messages(room)[2:] == [
        ("call_left", 30, BOSS, {}),
        ("call_left", 35, ANN, {}),
        ("call_ended", 35, NOBODY, end(35, BOSS, ANN)),
    ]


def test_a_sweep_stores_the_messages_too(room, boss):
    """Whoever stores a timeout stores its messages."""
    joined(boss, 0)
    sweeper.sweep(now=at(600))
    assert [kind for kind, *_ in messages(room)] == ["call_started", "call_left", "call_ended"]


def test_a_reload_says_what_happened(room, boss):
    """A call that resumes is announced like any other, since the one before has ended."""
    session = joined(boss, 0)
    calls.leave(session=session, now=at(5))
    calls.join(session=session, flags=7, now=at(6))
    kinds = ["call_started", "call_left", "call_ended", "call_started"]
    assert [kind for kind, *_ in messages(room)] == kinds


@pytest.mark.parametrize("for_all", [False, True])
def test_a_missed_call(for_all):
    """In a one-to-one into which only one came; a message of the one who called."""
    pair = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    caller = AttendeeFactory(
        conversation=pair, participant_type=1, user__username="boss", display_name="Boss"
    )
    session = joined(caller, 0)
    (calls.end_for_all if for_all else calls.leave)(session=session, now=at(9))
    assert messages(pair)[-1] == ("call_missed", 9, BOSS, {})


def test_a_missed_call_that_timed_out():
    """Nobody ended it, and it is a message of the one who called all the same."""
    pair = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    caller = AttendeeFactory(
        conversation=pair, participant_type=1, user__username="boss", display_name="Boss"
    )
    joined(caller, 0)
    with locking.locked(pair.pk, now=at(600)):
        pass
    assert messages(pair)[-1] == ("call_missed", 30, BOSS, {})


def test_a_one_to_one_call_with_both_ended():
    """It was not missed."""
    pair = ConversationFactory(type=ConversationType.ONE_TO_ONE)
    both = [AttendeeFactory(conversation=pair, participant_type=1) for _ in range(2)]
    devices = [joined(each, 0) for each in both]
    for device in devices:
        calls.leave(session=device, now=at(9))
    assert messages(pair)[-1][0] == "call_ended"


def test_the_end_names_five_users_and_counts_all(room):
    """Each once, however often they came; first those who came first."""
    users = [
        AttendeeFactory(conversation=room, user__username=f"u{n}", display_name=f"U{n}")
        for n in range(7)
    ]
    devices = [joined(each, n) for n, each in enumerate(users)]
    calls.leave(session=devices[0], now=at(8))
    calls.join(session=devices[0], flags=7, now=at(9))
    calls.end(conversation=room, now=at(20))
    details = messages(room)[-1][3]
    assert [each["id"] for each in details.pop("people")] == ["u0", "u1", "u2", "u3", "u4"]
    assert details == {"duration": 20, "users": 7, "guests": 0}


def test_the_end_counts_a_crowd_without_loading_it(room):
    """Guests who came first take no place of users; one query of no more rows than names."""
    for number in range(6):
        joined(GuestFactory(conversation=room), number)
    users = [AttendeeFactory(conversation=room, user__username=f"u{n}") for n in range(2)]
    for number, each in enumerate(users):
        joined(each, 6 + number)
    with CaptureQueriesContext(connection) as captured:
        calls.end(conversation=room, now=at(20))
    (query,) = [sql for each in captured if "OVER ()" in (sql := each["sql"])]
    assert query.endswith("LIMIT 5")
    details = messages(room)[-1][3]
    assert [each["id"] for each in details.pop("people")] == ["u0", "u1"]
    assert details == {"duration": 20, "users": 2, "guests": 6}


def test_what_takes_somebody_out_of_a_call_comes_before_that(room, boss, ann):
    """A lobby that leaves moderators in the call, and the removal of a member."""
    joined(boss, 0)
    joined(ann, 1)
    lobby.set_state(
        conversation=room,
        state=LobbyState.NON_MODERATORS,
        timer=None,
        now=at(5),
        performed_by=boss,
    )
    participants.remove(attendee=ann, now=at(6), performed_by=boss)
    participants.remove(attendee=boss, now=at(7))
    assert messages(room)[2:] == [
        ("lobby_non_moderators", 5, BOSS, {}),
        ("call_left", 5, ANN, {}),
        ("user_removed", 6, BOSS, about(ANN)),
        ("user_removed", 7, NOBODY, about(BOSS)),
        ("call_left", 7, BOSS, {}),
        ("call_ended", 7, NOBODY, end(7, BOSS, ANN)),
    ]


def test_locking_ends_a_call_for_everybody(room, boss, ann):
    """Two messages, however many were in it."""
    joined(boss, 0)
    joined(ann, 1)
    conversations.set_read_only(
        conversation=room, state=ReadOnly.READ_ONLY, now=at(5), performed_by=boss
    )
    conversations.set_read_only(
        conversation=room, state=ReadOnly.READ_ONLY, now=at(6), performed_by=boss
    )
    conversations.set_read_only(conversation=room, state=ReadOnly.READ_WRITE, now=at(7))
    assert messages(room)[2:] == [
        ("read_only", 5, BOSS, {}),
        ("call_ended_everyone", 5, BOSS, end(5, BOSS, ANN)),
        ("read_only_off", 7, NOBODY, {}),
    ]


def test_a_refused_join_says_nothing(room, boss, ann):
    """A transaction that is rolled back leaves no message."""
    lobby.set_state(conversation=room, state=LobbyState.NON_MODERATORS, timer=None, now=at(0))
    with pytest.raises(LobbyActive):
        joined(ann, 1)
    assert [kind for kind, *_ in messages(room)] == ["lobby_non_moderators"]


# Settings


def test_name_and_description(room, boss):
    """What stays the same is not said."""
    by = {"conversation": room, "performed_by": boss}
    conversations.rename(name="Daily", now=at(1), **by)
    conversations.rename(name="Daily", now=at(2), **by)
    conversations.describe(description="Short", now=at(3), **by)
    conversations.describe(description="", now=at(4), **by)
    conversations.describe(description="", now=at(5), **by)
    assert messages(room) == [
        ("conversation_renamed", 1, BOSS, {"name": "Daily"}),
        ("description_set", 3, BOSS, {}),
        ("description_removed", 4, BOSS, {}),
    ]


def test_edited_fields(room):
    """The form of the admin stores several at once, by nobody in the conversation."""
    room.name, room.description = "Daily", "Short"
    conversations.edit(conversation=room, fields=["name", "description"], now=at(1))
    assert messages(room) == [
        ("conversation_renamed", 1, NOBODY, {"name": "Daily"}),
        ("description_set", 1, NOBODY, {}),
    ]


def test_password(room, boss):
    """A new one is worth a message, also in place of another; none is not removed."""
    by = {"conversation": room, "performed_by": boss}
    for second, password in enumerate(["", "one", "two", ""]):
        conversations.set_password(password=password, now=at(second), **by)
    assert messages(room) == [
        ("password_set", 1, BOSS, {}),
        ("password_set", 2, BOSS, {}),
        ("password_removed", 3, BOSS, {}),
    ]


def test_public_and_not_public(room, boss, gus):
    """The guests who go with it are not named."""
    self_joined = AttendeeFactory(conversation=room, participant_type=5)
    conversations.set_public(conversation=room, public=False, now=at(1), performed_by=boss)
    conversations.set_public(conversation=room, public=True, now=at(2), performed_by=boss)
    conversations.set_public(conversation=room, public=True, now=at(3), performed_by=boss)
    assert not Attendee.objects.filter(pk=self_joined.pk).exists()
    assert messages(room) == [
        ("guests_disallowed", 1, BOSS, {}),
        ("guests_allowed", 2, BOSS, {}),
    ]


def test_an_email_invitation_makes_public(room, boss, settings):
    """The invitee is a guest, and comes without a message."""
    conversations.set_public(conversation=room, public=False, now=at(0))
    invitations.invite_email(
        conversation=room,
        address="eve@example.org",
        site="https://example.org",
        performed_by=boss,
        now=at(1),
    )
    assert messages(room)[1:] == [("guests_allowed", 1, BOSS, {})]


def test_listable(room, boss):
    """Each scope has its own kind."""
    by = {"conversation": room, "performed_by": boss}
    scopes = [Listable.USERS, Listable.EVERYONE, Listable.PARTICIPANTS, Listable.PARTICIPANTS]
    for second, scope in enumerate(scopes):
        conversations.set_listable(scope=scope, now=at(second), **by)
    assert messages(room) == [
        ("listable_users", 0, BOSS, {}),
        ("listable_all", 1, BOSS, {}),
        ("listable_none", 2, BOSS, {}),
    ]


def test_lobby(room, boss):
    """Another timer alone is not said."""

    def set_lobby(state, second, timer=None):
        lobby.set_state(
            conversation=room, state=state, timer=timer, now=at(second), performed_by=boss
        )

    set_lobby(LobbyState.NON_MODERATORS, 0)
    set_lobby(LobbyState.NON_MODERATORS, 1, at(100))
    set_lobby(LobbyState.NONE, 2)
    set_lobby(LobbyState.NONE, 3)
    assert messages(room) == [
        ("lobby_non_moderators", 0, BOSS, {}),
        ("lobby_none", 2, BOSS, {}),
    ]


def test_lobby_that_opened_by_its_timer(room, ann):
    """The next change stores it, once, as of the time of the timer."""
    lobby.set_state(conversation=room, state=LobbyState.NON_MODERATORS, timer=at(60), now=at(0))
    with locking.locked(room.pk, now=at(59)):
        pass
    for second in (100, 101):
        joined(ann, second)
    assert messages(room)[:3] == [
        ("lobby_non_moderators", 0, NOBODY, {}),
        ("lobby_timer_reached", 60, NOBODY, {}),
        ("call_started", 100, ANN, {}),
    ]
    assert len(messages(room)) == 4
    room.refresh_from_db()
    assert (room.lobby_state, room.lobby_timer) == (LobbyState.NONE, None)


def test_raising_a_lobby_again_whose_timer_ran_out(room, boss):
    """It opened in between."""
    for second in (0, 100):
        lobby.set_state(
            conversation=room,
            state=LobbyState.NON_MODERATORS,
            timer=at(second + 60),
            now=at(second),
            performed_by=boss,
        )
    assert [(kind, second) for kind, second, *_ in messages(room)] == [
        ("lobby_non_moderators", 0),
        ("lobby_timer_reached", 60),
        ("lobby_non_moderators", 100),
    ]


def test_settings_without_a_kind_say_nothing(room, boss, ann):
    """Permissions and the password of nobody, for example."""
    permissions.of_conversation(
        conversation=room, level="default", permissions=6, performed_by=boss, now=at(0)
    )
    permissions.of_attendee(
        attendee=ann, change=PermissionChange.SET, permissions=6, performed_by=boss, now=at(1)
    )
    assert messages(room) == []


# People


def test_creation(boss):
    """The owner is not added as well, and a group is one message whatever its size."""
    user = boss.user
    made = creation.create(kind=ConversationType.PUBLIC, name="New", owner=user, created_by=user)
    name = participants.name_of(user)
    created = ("conversation_created", ("users", "boss", name))
    assert [(kind, who) for kind, _, who, _ in messages(made)] == [created]
    group = Group.objects.create(name="staff")
    group.user_set.add(*(UserFactory() for _ in range(3)))
    of_group = creation.create_from_group(
        group_id="staff", source="groups", owner=user, created_by=user
    )
    assert of_group.attendees.count() == 5
    assert [(kind, who, details) for kind, _, who, details in messages(of_group)] == [
        (*created, {}),
        ("group_added", created[1], about(("groups", "staff", "staff"))),
    ]


def test_creation_by_the_site():
    """As by a command or a host."""
    made = creation.create(kind=ConversationType.GROUP, name="New", owner=UserFactory())
    assert [(kind, who) for kind, _, who, _ in messages(made)] == [("conversation_created", NOBODY)]


def test_creation_of_a_one_to_one(boss):
    """Nobody is added to it or removed from it, and who comes back has always been there."""
    other = UserFactory()
    made, _ = creation.create_one_to_one(user=boss.user, other=other, created_by=boss.user)
    participants.resign(attendee=made.attendees.get(user=other), now=at(1))
    creation.create_one_to_one(user=boss.user, other=other, created_by=boss.user)
    assert made.attendees.count() == 2
    assert [kind for kind, *_ in messages(made)] == ["conversation_created"]


def test_adding_and_removing_a_user(room, boss):
    """Once each: who is there already is not added."""
    UserFactory(username="ann", first_name="Ann", last_name="")
    for _ in range(2):
        invitations.invite_user(conversation=room, user_id="ann", performed_by=boss)
    ann = room.attendees.get(user__username="ann")
    invitations.expel(attendee=ann, performed_by=boss, now=at(9))
    assert [(kind, who, details) for kind, _, who, details in messages(room)] == [
        ("user_added", BOSS, about(ANN)),
        ("user_removed", BOSS, about(ANN)),
    ]


def test_adding_many_users(room, boss):
    """Those who are there are not added, but a self-joined user becomes a member."""
    passing = AttendeeFactory(conversation=room, participant_type=5, user__username="eve")
    new = UserFactory(username="ann")
    participants.add_users(
        conversation=room, users=[new, passing.user, boss.user], now=at(1), performed_by=boss
    )
    said = [(kind, who, details["user"]["id"]) for kind, _, who, details in messages(room)]
    assert said == [("user_added", BOSS, "ann"), ("user_added", BOSS, "eve")]


def test_removing_many(room, boss, ann, gus):
    """Guests go without a message."""
    invitations.expel_many(conversation=room, attendees=[ann, gus], now=at(1), performed_by=boss)
    assert messages(room) == [("user_removed", 1, BOSS, about(ANN))]


def test_giving_up_a_membership(room, boss, ann):
    """It is a message of the one who goes, who may be self-joined: then it is none."""
    participants.resign(attendee=ann, now=at(1))
    passing = AttendeeFactory(conversation=room, participant_type=5)
    participants.resign(attendee=passing, now=at(2))
    assert messages(room) == [("user_removed", 1, ANN, about(ANN))]


def test_guests_and_self_joined_users_come_and_go_silently(room):
    """They belong to the conversation only while they are online."""
    for actor in (GUEST, Actor(UserFactory())):
        entered = sessions.enter(
            conversation=room, actor=actor, attendee=None, password="", force=False, now=at(0)
        )
        sessions.leave(session=entered.session, now=at(1))
    assert messages(room) == []


def test_entering_a_listed_conversation_adds(room):
    """They become members by themselves, once."""
    conversations.set_listable(conversation=room, scope=Listable.USERS, now=at(0))
    ann = UserFactory(username="ann", first_name="Ann", last_name="")
    for second in (1, 2):
        sessions.enter(
            conversation=room,
            actor=Actor(ann),
            attendee=room.attendees.filter(user=ann).first(),
            password="",
            force=True,
            now=at(second),
        )
    assert messages(room)[1:] == [("user_added", 1, ANN, about(ANN))]


def test_a_deleted_account_is_removed(room, boss, ann):
    """By nobody."""
    ann.user.delete()
    [(kind, _, who, details)] = messages(room)
    pseudonym = details["user"].pop("id")
    assert (kind, who, details) == ("user_removed", NOBODY, {"user": {"type": "users", "name": ""}})
    assert pseudonym.startswith(ERASED_ID_PREFIX)


def test_roles(room, boss, ann, gus):
    """Guests have kinds of their own."""
    for second, who in ((0, ann), (2, gus)):
        permissions.promote(attendee=who, performed_by=boss, now=at(second))
        permissions.demote(attendee=who, performed_by=boss, now=at(second + 1))
    assert messages(room) == [
        ("moderator_promoted", 0, BOSS, about(ANN)),
        ("moderator_demoted", 1, BOSS, about(ANN)),
        ("guest_moderator_promoted", 2, BOSS, about(GUS)),
        ("guest_moderator_demoted", 3, BOSS, about(GUS)),
    ]


def test_another_owner(room, boss, ann):
    """The old one is an ordinary user then; who moderates already is not promoted."""
    permissions.set_owner(conversation=room, user=ann.user, now=at(0), performed_by=boss)
    permissions.set_owner(conversation=room, user=ann.user, now=at(1))
    permissions.set_owner(conversation=room, user=None, now=at(2))
    assert messages(room) == [
        ("moderator_demoted", 0, BOSS, about(BOSS)),
        ("moderator_promoted", 0, BOSS, about(ANN)),
        ("moderator_demoted", 2, NOBODY, about(ANN)),
    ]


# Groups and objects of the host


@pytest.fixture
def staff(ann):
    group = Group.objects.create(name="staff")
    group.user_set.add(ann.user, *(UserFactory() for _ in range(3)))
    return group


def test_groups(room, boss, staff, committed):
    """Adding and removing one is one message; who comes and goes with it later is named."""
    groups.add(conversation=room, group_id="staff", performed_by=boss, now=at(0))
    groups.add(conversation=room, group_id="staff", performed_by=boss, now=at(1))
    eve = UserFactory(username="eve", first_name="Eve", last_name="")
    with committed():
        staff.user_set.add(eve)
    with committed():
        staff.user_set.remove(eve)
    attendee = room.attendees.get(actor_type=ActorType.GROUPS)
    groups.remove(attendee=attendee, performed_by=boss, now=at(5))
    named, who = about(("groups", "staff", "staff")), about(("users", "eve", "Eve"))
    assert [(kind, by, details) for kind, _, by, details in messages(room)] == [
        ("group_added", BOSS, named),
        ("user_added", NOBODY, who),
        ("user_removed", NOBODY, who),
        ("group_removed", BOSS, named),
    ]


def test_members_of_an_object(room):
    """Name, members and roles come from the host, so they are messages of nobody."""
    ann, eve = (
        UserFactory(username=name, first_name=name.title(), last_name="") for name in ("ann", "eve")
    )
    room.linked_model, room.linked_pk = "app.thing", "1"
    room.save()

    def follow(name, second, **roles):
        users = {"ann": ann, "eve": eve}
        members = {users[user]: role for user, role in roles.items()}
        links.follow(
            conversation=Conversation.objects.get(pk=room.pk),
            read=lambda: links.Facts(members, name=name),
            now=at(second),
        )

    user, moderator = ParticipantType.USER, ParticipantType.MODERATOR
    follow("Thing", 0, ann=user)
    follow("Thing", 1, ann=moderator, eve=user)
    follow("Thing", 2, ann=ParticipantType.OWNER, eve=user)
    follow("Thing", 3, ann=user)
    eve_ = ("users", "eve", "Eve")
    assert messages(room) == [
        ("conversation_renamed", 0, NOBODY, {"name": "Thing"}),
        ("user_added", 0, NOBODY, about(ANN)),
        ("moderator_promoted", 1, NOBODY, about(ANN)),
        ("user_added", 1, NOBODY, about(eve_)),
        ("user_removed", 3, NOBODY, about(eve_)),
        ("moderator_demoted", 3, NOBODY, about(ANN)),
    ]


@pytest.mark.parametrize("size", [1, 90])
def test_bulk_changes_store_all_messages_at_once(room, size):
    """One INSERT, whatever the number of users."""
    users = [UserFactory() for _ in range(size)]
    members = dict.fromkeys(users, ParticipantType.USER)
    with CaptureQueriesContext(connection) as captured:
        links.set_members(conversation=room, members=members, now=at(0))
    inserts = [q["sql"] for q in captured if q["sql"].startswith("INSERT")]
    assert sum(SystemMessage._meta.db_table in sql for sql in inserts) == 1
    assert room.system_messages.count() == size


def test_a_change_that_says_nothing_stores_nothing(room, ann):
    """No statement for no message."""
    with CaptureQueriesContext(connection) as captured, locking.locked(room.pk, now=at(1)):
        pass
    assert not any(SystemMessage._meta.db_table in query["sql"] for query in captured)


# Later


def test_a_guest_who_is_renamed(room, boss, gus):
    """They have the new name in what they did and in what was done to them."""
    session = joined(gus, 1)
    permissions.promote(attendee=gus, performed_by=boss, now=at(2))
    calls.leave(session=session, now=at(3))
    guests.rename(attendee=gus, display_name="Gustav", now=at(4))
    gustav = ("guests", "gus", "Gustav")
    assert messages(room) == [
        ("call_started", 1, gustav, {}),
        ("guest_moderator_promoted", 2, BOSS, about(gustav)),
        ("call_left", 3, gustav, {}),
        ("call_ended", 3, gustav, end(2, guests=1)),
    ]


def test_another_guest_keeps_their_name(room, gus):
    """And so do those of other conversations."""
    other = GuestFactory(conversation=room, actor_id="eve", display_name="Eve", created_at=at(0))
    elsewhere = GuestFactory(actor_id="gus", display_name="Gus", created_at=at(0))
    for guest in (other, elsewhere):
        joined(guest, 1)
    guests.rename(attendee=gus, display_name="Gustav", now=at(4))
    assert messages(room)[0][2] == ("guests", "eve", "Eve")
    assert messages(elsewhere.conversation)[0][2] == GUS


def test_messages_go_with_the_conversation(room, boss):
    """Its calls stay, as history."""
    joined(boss, 0)
    conversations.delete(conversation=room, now=at(1), performed_by=boss)
    assert not SystemMessage.objects.exists()
    assert not Conversation.objects.exists()
    assert boss.user.talk_call_legs.get().reason == LegReason.CONVERSATION_DELETED


def test_messages_stay_when_the_host_deletes_an_online_attendee(room, boss, ann):
    """The rows of a membership are deleted below the services, which only see the call."""
    joined(ann, 0)
    ann.delete()
    assert [kind for kind, *_ in messages(room)] == ["call_started", "call_left", "call_ended"]


def test_deleting_a_conversation_below_the_services(room, ann):
    """No message is left, and none refers to a row that is gone."""
    joined(ann, 0)
    room.delete()
    assert not SystemMessage.objects.exists()


def test_ids_grow_within_a_conversation(room, boss, ann):
    """The messages of a transaction have ids in the order of time, timeouts included."""
    joined(ann, 0)
    joined(boss, 100)
    rows = SystemMessage.objects.filter(conversation=room)
    assert [row.at for row in rows.order_by("pk")] == sorted(row.at for row in rows)
    assert str(rows[0]) == SystemMessageKind.CALL_STARTED
