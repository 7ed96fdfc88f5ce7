"""The site's policy (``TALK_CALLS["POLICY"]``): what each hook refuses, to whom, and how."""

import logging

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from talk_calls import policies
from talk_calls.api import capabilities
from talk_calls.api.serializers.signaling import ROSTER_VIEWS
from talk_calls.constants import ConversationType as Kind
from talk_calls.constants import Listable, Permission
from talk_calls.constants import ParticipantType as Role
from talk_calls.exceptions import (
    MayNotBeInvited,
    MayNotCreate,
    MayNotInvite,
    MayNotMakeListable,
    MayNotMakePublic,
    NoSuchTarget,
    SiteRefusesCall,
    SiteRefusesModerator,
)
from talk_calls.host import clock
from talk_calls.host.actors import Actor
from talk_calls.host.directory import DjangoDirectory
from talk_calls.host.policy import HostPolicy
from talk_calls.models import Attendee, Conversation
from talk_calls.reports import permission_texts
from talk_calls.services import (
    calls,
    conversations,
    creation,
    groups,
    invitations,
    participants,
    permissions,
)
from talk_calls.services.conversation_options import ConversationOptions
from talk_calls.signaling import mailbox, roster
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

Policy = HostPolicy


@pytest.fixture(autouse=True)
def _site(settings):
    settings.TALK_CALLS = {"POLICY": f"{__name__}.Policy"}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


@pytest.fixture
def hooks(monkeypatch):
    """Yield a function that gives the site's policy hooks of its own, and lists what they get."""
    asked: list[tuple] = []

    def forget():
        policies.hooks._policy.cache_clear()
        policies.hooks._overridden.cache_clear()

    def set_hooks(**answers):
        forget()

        def hook(name, answer):
            def ask(self, *arguments):
                asked.append((name, *arguments))
                return answer(*arguments) if callable(answer) else answer

            return ask

        own = {name: hook(name, answer) for name, answer in answers.items()}
        monkeypatch.setitem(globals(), "Policy", type("Policy", (HostPolicy,), own))
        return asked

    yield set_hooks
    forget()


@pytest.fixture
def room():
    return ConversationFactory(type=Kind.GROUP)


@pytest.fixture
def moderator(room):
    return arrive("moderator", room, version="v4")


def refused(answer, status, code):
    assert (answer.http, answer.data) == (status, {"error": code})


def rows():
    return Conversation.objects.count(), Attendee.objects.count()


@pytest.mark.parametrize("kind", [Kind.GROUP, Kind.PUBLIC])
def test_create(hooks, moderator, kind):
    """A type that the site does not let this user create is 403, and nothing is created."""
    asked = hooks(may_create=lambda user, asked_kind: asked_kind != kind)
    before = rows()
    answer = moderator.device.request("post", "room", {"roomType": kind, "roomName": "New"})
    refused(answer, 403, "create")
    assert rows() == before
    assert asked == [("may_create", moderator.attendee.user, kind)]
    other = Kind.GROUP if kind == Kind.PUBLIC else Kind.PUBLIC
    answer = moderator.device.request("post", "room", {"roomType": other, "roomName": "New"})
    assert answer.http == 201


def test_create_one_to_one(hooks, moderator):
    """An existing conversation of two is returned without asking; a new one is refused."""
    bob = UserFactory(username="bob")
    asked = hooks(may_create=False, may_see=True, may_invite=True, may_be_invited=True)
    ask = {"roomType": Kind.ONE_TO_ONE, "invite": "bob"}
    refused(moderator.device.request("post", "room", ask), 403, "create")
    user = moderator.attendee.user
    assert asked == [
        ("may_see", user, bob),
        ("may_invite", user, bob, None),
        ("may_be_invited", bob, user, None),
        ("may_create", user, Kind.ONE_TO_ONE),
    ]
    asked.clear()
    creation.create_one_to_one(user=user, other=bob)
    assert moderator.device.request("post", "room", ask).http == 200
    assert asked == []


@pytest.mark.parametrize("hook", ["may_create", "may_invite_group", "may_see_group"])
def test_create_from_group(hooks, moderator, hook):
    """A group that the user may not see is as unknown as one that there is not."""
    group = Group.objects.create(name="hatters")
    asked = hooks(**{hook: False})
    before = rows()
    ask = {"roomType": Kind.GROUP, "invite": "hatters", "source": "groups"}
    answer = moderator.device.request("post", "room", ask)
    if hook == "may_see_group":
        unknown = moderator.device.request("post", "room", ask | {"invite": "nobody"})
        assert (answer.http, answer.whole) == (404, unknown.whole)
    else:
        refused(answer, 403, {"may_create": "create", "may_invite_group": "invite"}[hook])
    assert rows() == before
    rest = {
        "may_create": (Kind.GROUP,),
        "may_invite_group": (group, None),
        "may_see_group": (group,),
    }
    assert asked == [(hook, moderator.attendee.user, *rest[hook])]


def test_create_listed(hooks, moderator):
    """Listing a conversation from the start asks as listing it later does."""
    asked = hooks(may_make_listable=False)
    ask = {"roomType": Kind.GROUP, "roomName": "New"}
    refused(moderator.device.request("post", "room", ask | {"listable": 1}), 403, "listable")
    assert [name for name, *_ in asked] == ["may_make_listable"]
    assert moderator.device.request("post", "room", ask).http == 201
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("allowed", "can_create"),
    [((Kind.GROUP,), True), ((Kind.PUBLIC,), True), ((Kind.ONE_TO_ONE,), False)],
)
def test_capability(hooks, moderator, allowed, can_create):
    """Clients offer to create conversations where there is a type that one may create."""
    hooks(may_create=lambda user, kind: kind in allowed)
    document = capabilities.document(moderator.attendee.user)
    config = document["capabilities"]["spreed"]["config"]
    assert config["conversations"]["can-create"] is can_create


def test_make_public(hooks, moderator, room):
    """Only opening is refused; a conversation can be closed."""
    asked = hooks(may_make_public=False)
    refused(moderator.room("post", "/public"), 403, "public")
    room.refresh_from_db()
    assert not room.is_public
    assert asked == [("may_make_public", moderator.attendee.user, room)]
    Conversation.objects.update(type=Kind.PUBLIC)
    assert moderator.room("delete", "/public").http == 200


def test_make_listable(hooks, moderator, room):
    """Only listing is refused; a conversation can be taken off the list."""
    Conversation.objects.update(listable=Listable.EVERYONE)
    asked = hooks(may_make_listable=False)
    refused(moderator.room("put", "/listable", {"scope": 1}), 403, "listable")
    assert moderator.room("put", "/listable", {"scope": 0}).http == 200
    assert asked == [("may_make_listable", moderator.attendee.user, room)]


@pytest.mark.parametrize(
    ("path", "asks"),
    [
        ("room/{}/participants", {"newParticipant": "bob"}),
        ("room", {"roomType": Kind.ONE_TO_ONE, "invite": "bob"}),
    ],
)
def test_invite_a_hidden_user(hooks, moderator, room, path, asks):
    """Somebody whom the moderator may not see is as unknown as somebody who does not exist.

    That is so in body and time, which the number of statements stands for.
    """
    bob = UserFactory(username="bob")
    hooks(may_see=False, may_invite=False)
    answers, statements = [], []
    for name in ("bob", "nobody"):
        data = {key: name if value == "bob" else value for key, value in asks.items()}
        with CaptureQueriesContext(connection) as queries:
            answers.append(moderator.device.request("post", path.format(room.token), data))
        statements.append(len(queries))
    hidden, unknown = answers
    assert hidden.http == unknown.http == 404
    assert hidden.whole == unknown.whole
    assert statements[0] == statements[1]
    assert not bob.talk_attendees.exists()


@pytest.mark.parametrize(
    ("hook", "code"), [("may_invite", "invite"), ("may_be_invited", "invitee")]
)
def test_invite_a_user(hooks, moderator, room, hook, code):
    """The site is asked about both: who invites, and who is invited."""
    bob = UserFactory(username="bob")
    asked = hooks(**{hook: False})
    before = rows()
    refused(moderator.room("post", "/participants", {"newParticipant": "bob"}), 403, code)
    assert rows() == before
    user = moderator.attendee.user
    pair = (user, bob) if hook == "may_invite" else (bob, user)
    assert asked == [(hook, *pair, room)]


@pytest.mark.parametrize("hook", ["may_invite_group", "may_see_group"])
def test_invite_a_group(hooks, moderator, room, hook):
    """A group is refused, or unknown where it may not be seen."""
    group = Group.objects.create(name="hatters")
    asked = hooks(**{hook: False})
    before = rows()
    ask = {"newParticipant": "hatters", "source": "groups"}
    answer = moderator.room("post", "/participants", ask)
    assert (answer.http, answer.data) == (
        (403, {"error": "invite"}) if hook == "may_invite_group" else (404, {"error": "no-target"})
    )
    assert rows() == before
    conversation = (room,) if hook == "may_invite_group" else ()
    assert asked == [(hook, moderator.attendee.user, group, *conversation)]


@pytest.mark.parametrize(
    ("hook", "code"), [("may_invite_email", "invite"), ("may_make_public", "public")]
)
def test_invite_an_address(hooks, moderator, mailoutbox, hook, code):
    """An address is refused, also where inviting it would open the conversation."""
    hooks(**{hook: False})
    before = rows()
    ask = {"newParticipant": "x@example.org", "source": "emails"}
    refused(moderator.room("post", "/participants", ask), 403, code)
    room = Conversation.objects.get()
    assert (rows(), room.is_public, mailoutbox) == (before, False, [])
    if hook == "may_make_public":
        Conversation.objects.update(type=Kind.PUBLIC)
        assert moderator.room("post", "/participants", ask).http == 200


def test_site_is_not_asked(hooks, room):
    """Commands, admin and code of the host act for the site; no hook has a say."""
    every = [name for name in vars(HostPolicy) if name.startswith("may_")]
    asked = hooks(**dict.fromkeys(set(every) - {"may_moderate", "may_start_call"}, False))
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    Group.objects.create(name="hatters")
    operator = participants.operator(alice)
    now = clock.now()
    listed = ConversationOptions(listable=Listable.EVERYONE)
    creation.create(kind=Kind.PUBLIC, name="New", owner=alice, options=listed)
    creation.create_from_group(group_id="hatters", source="groups", owner=alice)
    creation.create_one_to_one(user=alice, other=bob)
    for by in (None, operator):
        here = {"conversation": room, "performed_by": by}
        invitations.invite_user(user_id="bob", **here)
        groups.add(group_id="hatters", now=now, **here)
        conversations.set_listable(scope=Listable.EVERYONE, now=now, **here)
        invitations.invite_email(address="x@example.org", site="http://x/", now=now, **here)
        conversations.set_public(public=False, now=now, **here)
        conversations.set_public(public=True, now=now, **here)
    assert asked == []


@pytest.mark.parametrize("hook", ["may_invite", "may_be_invited", "may_see"])
def test_who_left_a_one_to_one_is_invited_again(hooks, device, version, hook):
    """Neither writing nor calling brings somebody back against the site's policy."""
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    pair, _ = creation.create_one_to_one(user=alice, other=bob)
    participants.resign(attendee=pair.attendees.get(user=bob))
    phone, ask = device(alice, version=version), {"roomType": Kind.ONE_TO_ONE, "invite": "bob"}
    hooks(**{hook: False})
    assert phone.request("post", "room", ask).http in {403, 404}
    assert phone.request("post", f"room/{pair.token}/participants/active").http == 200
    assert phone.request("post", f"call/{pair.token}").http == 200
    assert pair.attendees.get().user == alice
    hooks(may_create=False)
    assert phone.request("post", "room", ask).http == 200
    assert phone.request("post", f"call/{pair.token}").http == 200
    assert pair.attendees.count() == 2


class Fenced(DjangoDirectory):
    """Users find themselves only."""

    def users_for(self, viewer):
        found = super().users_for(viewer)
        return found.filter(pk=viewer.pk) if viewer else found


def test_who_left_a_one_to_one_is_fenced_off(settings, device, version):
    """The fence of a directory holds there too."""
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    pair, _ = creation.create_one_to_one(user=alice, other=bob)
    participants.resign(attendee=pair.attendees.get(user=bob))
    phone = device(alice, version=version)
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.Fenced"}
    ask = {"roomType": Kind.ONE_TO_ONE, "invite": "bob"}
    assert phone.request("post", "room", ask).http == 404
    assert phone.request("post", f"room/{pair.token}/participants/active").http == 200
    assert phone.request("post", f"call/{pair.token}").http == 200
    assert pair.attendees.get().user == alice


def test_oneself_in_a_one_to_one(hooks, device, version):
    """Who left may come back to somebody who stayed, whoever may be invited."""
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    pair, _ = creation.create_one_to_one(user=alice, other=bob)
    participants.resign(attendee=pair.attendees.get(user=alice))
    hooks(may_invite=False, may_be_invited=False, may_see=False)
    ask = {"roomType": Kind.ONE_TO_ONE, "invite": "bob"}
    assert device(alice, version=version).request("post", "room", ask).http == 200
    assert pair.attendees.count() == 2


def test_services_ask_about_people(hooks, moderator, room):
    """A host's own view that acts for a user gets the same refusals as our API."""
    every = [name for name in vars(HostPolicy) if name.startswith("may_")]
    hooks(**dict.fromkeys(set(every) - {"may_moderate", "may_see"}, False))
    by, now = moderator.attendee, clock.now()
    user, bob = by.user, UserFactory(username="bob")
    here = {"conversation": room, "performed_by": by}
    with pytest.raises(MayNotCreate):
        creation.create(kind=Kind.GROUP, name="New", owner=bob, created_by=user)
    with pytest.raises(MayNotInvite):
        creation.create_one_to_one(user=user, other=bob, created_by=user)
    with pytest.raises(MayNotMakePublic):
        conversations.set_public(public=True, now=now, **here)
    with pytest.raises(MayNotMakeListable):
        conversations.set_listable(scope=Listable.EVERYONE, now=now, **here)
    with pytest.raises(MayNotInvite):
        invitations.invite_user(user_id="bob", **here)
    hooks(may_be_invited=False)
    with pytest.raises(MayNotBeInvited):
        invitations.invite_user(user_id="bob", **here)
    hooks(may_see=False)
    with pytest.raises(NoSuchTarget):
        invitations.invite_user(user_id="bob", **here)


def test_start_calls(hooks, version):
    """Whoever may not start a call joins a running one, and clients know before they try."""
    room = ConversationFactory()
    owner, guest = arrive("owner", room, version=version), arrive("guest", room, version=version)
    asked = hooks(may_start_call=lambda user, conversation: user is None)
    answer = owner.call("post")
    assert (answer.http, answer.ocs["meta"]["message"]) == (403, "Can not start a call")
    if version == "v4":
        refused(answer, 403, "start-call")
    assert owner.room("get").data["canStartCall"] is False
    assert guest.room("get").data["canStartCall"] is True
    assert guest.call("post").http == 200
    assert owner.call("post").http == 200
    assert set(asked) == {
        ("may_start_call", owner.attendee.user, room),
        ("may_start_call", None, room),
    }


def test_start_calls_and_ring(hooks, moderator, room):
    """Ringing asks too: it is what starting a call does to others."""
    assert moderator.call("post").http == 200
    bob = AttendeeFactory(conversation=room)
    hooks(may_start_call=False)
    refused(moderator.call("post", path=f"/ring/{bob.pk}"), 403, "start-call")


def test_permissions_and_setting_come_first(hooks, settings, room):
    """The hook is asked about those whom Talk's own rules let start a call."""
    asked = hooks(may_start_call=False)
    settings.TALK_CALLS = settings.TALK_CALLS | {"START_CALLS": "moderators"}
    member = arrive("member", room, version="v4")
    refused(member.call("post"), 403, "start-call")
    assert asked == []


@pytest.mark.parametrize(
    ("who", "lowered"),
    [("owner", Role.USER), ("moderator", Role.USER), ("guest moderator", Role.GUEST)],
)
def test_moderate(hooks, who, lowered, version):
    """A moderator whom the site does not let moderate is an ordinary participant, on every list."""
    room = ConversationFactory()
    person, other = arrive(who, room, version=version), arrive("owner", room, version=version)
    hooks(may_moderate=lambda user, conversation: user == other.attendee.user)
    seen = person.room("get").data
    assert seen["participantType"] == lowered
    assert seen.get("canDeleteConversation", False) is False
    listed = {each["participantType"] for each in other.room("get", "/participants").data}
    assert listed == {Role.OWNER, lowered}
    assert person.room("put", "", {"roomName": "Mine"}).http == 403
    stored = Attendee.objects.get(pk=person.attendee.pk).participant_type
    assert stored == person.attendee.participant_type  # comes back once the site allows it


def test_moderate_permissions(hooks, settings):
    """Neither the lobby nor the default permissions spare a moderator of whom the site says no."""
    settings.TALK_CALLS = settings.TALK_CALLS | {"DEFAULT_PERMISSIONS": Permission.JOIN_CALL}
    room = ConversationFactory(lobby_state=1)
    owner = arrive("owner", room, version="v4")
    assert owner.room("get").data["permissions"] == Permission.MAX_DEFAULT & ~Permission.CHAT
    assert owner.call("get").http == 200
    hooks(may_moderate=False)
    assert owner.room("get").data["permissions"] == Permission.JOIN_CALL
    refused(owner.call("get"), 412, "lobby")


def test_moderate_is_not_asked_in_a_one_to_one(hooks):
    """Both own it, and there is nothing to moderate."""
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    asked = hooks(may_moderate=False)
    conversation, _ = creation.create_one_to_one(user=alice, other=bob)
    attendee = Attendee.objects.get(user=alice)
    assert policies.role_of(conversation, attendee) == Role.OWNER
    assert asked == []


def test_moderate_and_the_end_for_all(hooks, moderator, room):
    """Such a moderator's end of the call only leaves it."""
    member = arrive("member", room, version="v4")
    assert moderator.call("post").http == member.call("post").http == 200
    hooks(may_moderate=False)
    assert moderator.call("delete", {"all": True}).http == 200
    assert (moderator.flags, bool(member.flags)) == (0, True)


def test_moderate_is_asked_again_under_the_lock(hooks, moderator, room):
    """What the site took back while a moderator waited for the lock is taken back."""
    answers = iter([True, False])
    hooks(may_moderate=lambda user, conversation: next(answers, False))
    refused(moderator.room("put", "", {"roomName": "Mine"}), 403, "not-moderator")
    room.refresh_from_db()
    assert room.name == "Weekly"


def test_promotion_that_would_have_no_effect(hooks, moderator, room):
    """Nobody is made a moderator whom the site does not let moderate; operators hear why."""
    bob = AttendeeFactory(conversation=room)
    hooks(may_moderate=lambda user, conversation: user != bob.user)
    ask = {"attendeeId": bob.pk}
    refused(moderator.room("post", "/moderators", ask), 400, "role")
    with pytest.raises(SiteRefusesModerator):
        permissions.promote(attendee=bob, performed_by=None, now=clock.now())
    bob.refresh_from_db()
    assert bob.participant_type == Role.USER


def test_the_last_moderator_is_the_last_who_may(hooks, room):
    """One who may not moderate does not stand in for the last moderator, and may go."""
    owner, moderator = arrive("owner", room, version="v4"), arrive("moderator", room, version="v4")
    arrive("member", room)
    hooks(may_moderate=lambda user, conversation: user == owner.attendee.user)
    refused(owner.room("delete", "/participants/self"), 400, "last-moderator")
    assert moderator.room("delete", "/participants/self").http == 200


def test_permissions_of_everybody_but_moderators(hooks, moderator, room):
    """Those who count as ordinary participants are changed like them."""
    idle = AttendeeFactory(conversation=room, participant_type=Role.OWNER)
    hooks(may_moderate=lambda user, conversation: user != idle.user)
    ask = {"method": "set", "permissions": Permission.JOIN_CALL}
    assert moderator.room("put", "/attendees/permissions/all", ask).http == 200
    idle.refresh_from_db()
    moderator.attendee.refresh_from_db()
    assert idle.permissions == Permission.JOIN_CALL | Permission.CUSTOM
    assert moderator.attendee.permissions == 0


def test_force_mute_takes_a_moderator(hooks, moderator, room):
    """Messages that mute others are sent by those who moderate."""
    situation = policies.Situation(
        room, moderator.attendee, moderator.session, has_call=False, now=clock.now()
    )
    assert policies.may_send(situation, "control")
    hooks(may_moderate=False)
    assert not policies.may_send(situation, "control")


def test_hook_that_raises(hooks, moderator, caplog):
    """It refuses, and the log has the error and names the hook; no client sees its text."""

    def fail(*arguments):
        raise ValueError("secret")

    hooks(may_create=fail)
    answer = moderator.device.request("post", "room", {"roomType": Kind.GROUP, "roomName": "New"})
    refused(answer, 403, "create")
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.getMessage().startswith(f"{__name__}.Policy.may_create raised")
    assert isinstance(record.exc_info[1], ValueError)


def test_hook_whose_query_fails(hooks):
    """Errors of the database are raised: the transaction cannot go on, or is run again."""

    def fail(*arguments):
        raise OperationalError("deadlock detected")

    hooks(may_create=fail)
    with pytest.raises(OperationalError):
        policies.may_create(Actor(UserFactory()), Kind.GROUP)


@pytest.mark.parametrize("path", ["room/{token}", "room", "room/{token}/participants"])
def test_hooks_add_no_statement_per_person(
    hooks, moderator, room, django_assert_max_num_queries, path
):
    """However many moderators there are: their users come with them."""
    for _ in range(5):
        SessionFactory(attendee=AttendeeFactory(conversation=room, participant_type=Role.MODERATOR))
    asked = hooks(may_moderate=True)
    with django_assert_max_num_queries(8):
        moderator.device.get(path.format(token=room.token))
    assert asked


@pytest.fixture
def moderators(room):
    """Return sessions of moderators, none of whose users is loaded."""
    people = [AttendeeFactory(conversation=room, participant_type=Role.MODERATOR) for _ in "abcde"]
    return [SessionFactory(attendee=each) for each in people]


def test_a_roster_loads_users_with_its_list(hooks, room, moderators, django_assert_num_queries):
    """One query, and not one for each moderator."""
    asked = hooks(may_moderate=True)
    situation = policies.Situation(
        room, moderators[0].attendee, moderators[0], has_call=False, now=clock.now()
    )
    with django_assert_num_queries(1):
        listed = roster.users_in_room(situation, ROSTER_VIEWS["v3"])
    assert len(listed) == len(asked) == 5


def test_messages_load_the_users_of_recipients(
    hooks, room, moderators, django_assert_max_num_queries
):
    """Whether each may receive them in spite of the lobby is asked without a further query."""
    room.lobby_state = 1
    asked = hooks(may_moderate=True)
    situation = policies.Situation(
        room, moderators[0].attendee, moderators[0], has_call=False, now=clock.now()
    )
    to_all = [{"type": "offer", "to": each.session_id} for each in moderators]
    with django_assert_max_num_queries(3):
        assert mailbox.send(situation, to_all) == 5
    assert len(asked) == 6


def test_join_asks_once_for_a_start(hooks, moderator):
    """The hook is asked under the lock, where it is known whether a call is running."""
    asked = hooks(may_start_call=True)
    assert moderator.call("post").http == 200
    assert len(asked) == 1
    session = moderator.session
    calls.leave(session=session, now=clock.now())
    hooks(may_start_call=False)
    with pytest.raises(SiteRefusesCall):
        calls.join(session=session, flags=1, now=clock.now())


def test_operators_see_that_a_role_does_not_count(hooks, room):
    """Beside the permissions stands what sets them, and that it is not the role."""
    owner = AttendeeFactory(conversation=room, participant_type=Role.OWNER)
    assert permission_texts.level(room, owner) == "role"
    hooks(may_moderate=False)
    said = "the site's policy overrules the role"
    assert permission_texts.level(room, owner) == f"site; {said}"
    owner.permissions = Permission.JOIN_CALL
    assert permission_texts.level(room, owner) == f"attendee; {said}"
