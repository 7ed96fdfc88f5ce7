"""The order of checks of the call endpoints (behaviour 4.1)."""

from datetime import timedelta

import pytest

from talk_calls.constants import ConversationType, Listable, LobbyState, ReadOnly
from talk_calls.host.directory import DjangoDirectory
from talk_calls.models import Attendee, Session
from talk_calls.services import app_passwords, creation
from tests.contract.conftest import EACH_VERSION, NOW
from tests.contract.expected import UNKNOWN_ROUTE, ok, refused
from tests.factories import ConversationFactory, SessionFactory, UserFactory
from tests.ocs_client import OCSClient
from tests.people import MODERATORS, OTHERS, OUTSIDERS, PARTICIPANTS, USERS

METHODS = ["get", "post", "delete"]
CSRF_REFUSAL = (412, "application/json", {"message": "CSRF check failed"})

pytestmark = pytest.mark.django_db


class ClosedDoor(DjangoDirectory):
    """A site that lets none of its users use Talk."""

    def may_use_talk(self, user):
        return False


def lock(conversation):
    type(conversation).objects.filter(pk=conversation.pk).update(read_only=ReadOnly.READ_ONLY)


def raise_lobby(conversation, until=None):
    type(conversation).objects.filter(pk=conversation.pk).update(
        lobby_state=LobbyState.NON_MODERATORS, lobby_timer=until
    )


def raw(answer):
    response = answer.response
    return response.status_code, response["Content-Type"], response.json()


# --- 1: route, version, token shape, method ---------------------------------------------------


@pytest.mark.contract("4.1/1")
@pytest.mark.parametrize(
    "path",
    [
        "call/abc",
        f"call/{'a' * 31}",
        "call/Token",
        "call/tok-en",
        "call/tok%C3%A9n",
        "call/token%0A",
        "call/token/",
        "call/token/ping",
        "call",
    ],
)
def test_no_such_route_is_not_found(version, path):
    """A token of another shape, or a longer path, is an unknown route, header or not."""
    ConversationFactory(token="token")
    for header in ("true", None):
        headers = {"OCS-APIRequest": header}
        answer = OCSClient(version=version).request("get", path, headers=headers)
        assert answer.whole == refused(answer, 404, UNKNOWN_ROUTE, code=998)


@pytest.mark.contract("4.1/1")
@pytest.mark.parametrize("number", ["v0", "v5", "v10", "v", "3"])
def test_unsupported_version_is_an_unknown_route(conversation, wire, number):
    """The version is part of the route: a number that is not served is no special error."""
    for method in METHODS:
        answer = OCSClient(version=number, wire=wire).request(method, f"call/{conversation.token}")
        assert answer.whole == refused(answer, 404, UNKNOWN_ROUTE, code=998)


@pytest.mark.contract("4.1/1")
@EACH_VERSION
@pytest.mark.parametrize("length", [4, 30])
def test_token_may_have_4_to_30_characters(arrive, length):
    """The shortest and the longest token reach their conversation."""
    member = arrive("member", ConversationFactory(token="a" * length))
    answer = member.call("get")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.1/1")
@EACH_VERSION
@pytest.mark.parametrize("headers", [{}, {"OCS-APIRequest": None}], ids=["header", "no header"])
@pytest.mark.parametrize("method", ["put", "patch", "options"])
def test_wrong_method_is_refused_before_the_gate(arrive, method, headers):
    """There is nothing but GET, POST and DELETE; the answer is a bare 405."""
    response = arrive("member").call(method, headers=headers).response
    assert (response.status_code, response.content) == (405, b"")


@pytest.mark.contract("4.1/1")
def test_head_answers_as_get(arrive):
    """HEAD is GET without a body."""
    response = arrive("member").call("head").response
    assert (response.status_code, response.content) == (200, b"")


# --- 2: the gate ------------------------------------------------------------------------------


@pytest.mark.contract("4.1/2")
@EACH_VERSION
@pytest.mark.parametrize("header", [None, "1", "True", ""])
def test_header_must_be_exactly_true(arrive, header):
    """Without ``OCS-APIRequest: true`` the answer is a raw 412 in no envelope."""
    person = arrive("member")
    for method in METHODS:
        answer = person.call(method, headers={"OCS-APIRequest": header})
        assert raw(answer) == CSRF_REFUSAL


@pytest.mark.contract("4.1/2")
@EACH_VERSION
@pytest.mark.parametrize("who", ["nobody", "stranger", "guest"])
def test_gate_comes_before_the_conversation(arrive, who):
    """The header is checked before the conversation, for every caller and action."""
    person = arrive(who)
    lock(person.conversation)
    for method in METHODS:
        answer = person.call(method, headers={"OCS-APIRequest": None})
        assert raw(answer) == CSRF_REFUSAL


@pytest.mark.contract("4.1/2")
def test_gate_comes_before_the_password(arrive):
    """A wrong password is not looked at before the gate is passed."""
    member = arrive("member")
    member.device.password = "wrong"
    for method in METHODS:
        answer = member.call(method, headers={"OCS-APIRequest": None})
        assert raw(answer) == CSRF_REFUSAL


# --- 3: may the user use Talk -----------------------------------------------------------------


@pytest.fixture
def closed_door(settings):
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.ClosedDoor"}


@pytest.mark.contract("4.1/3", "12/6")
@EACH_VERSION
@pytest.mark.parametrize("who", [*USERS, "stranger"])
def test_user_whom_the_site_bars_is_refused(arrive, closed_door, who):
    """A user who may not use Talk gets 403, whatever their role in the conversation."""
    person = arrive(who)
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == refused(answer, 403)


@pytest.mark.contract("4.1/3")
def test_barred_user_learns_nothing_about_conversations(arrive, closed_door):
    """The bar is asked before the conversation is looked up: 403 also where there is none."""
    stranger = arrive("stranger")
    for method in METHODS:
        answer = stranger.device.request(method, "call/nosuchtoken")
        assert answer.whole == refused(answer, 403)


@pytest.mark.contract("4.1/3")
def test_bar_does_not_concern_guests(arrive, closed_door):
    """Guests are no users of the site, so nobody asks whether it lets them."""
    person = arrive("guest")
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == ok(answer, [])


# --- 4, 5: the conversation, and the caller in it ---------------------------------------------


@pytest.mark.contract("4.1/4", "12/15")
@EACH_VERSION
@pytest.mark.parametrize("who", ["member", "moderator", "guest", "stranger", "nobody"])
def test_unknown_token_is_not_found(arrive, who):
    """An unknown conversation is 404 for everybody; guests do not get 401."""
    person = arrive(who)
    for method in METHODS:
        answer = person.device.request(method, "call/nosuchtoken")
        assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/4", "12/15")
@EACH_VERSION
@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize("kind", [ConversationType.ONE_TO_ONE, ConversationType.GROUP])
def test_private_conversation_is_not_found_by_outsiders(arrive, kind, who):
    """A conversation that the caller cannot see does not exist for them."""
    person = arrive(who, ConversationFactory(type=kind))
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/5", "12/15")
@EACH_VERSION
@pytest.mark.parametrize("who", OUTSIDERS)
def test_public_conversation_is_not_found_by_outsiders(arrive, who):
    """A user who sees a public conversation but did not join it gets 404 from its call."""
    person = arrive(who)
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/5")
def test_listable_conversation_is_not_found_by_outsiders(arrive):
    """Finding a conversation in a list is not membership."""
    stranger = arrive("stranger", ConversationFactory(listable=Listable.EVERYONE))
    for method in METHODS:
        answer = stranger.call(method)
        assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/5", "4.1/6", "4.1/7")
@EACH_VERSION
@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize("obstacle", [lock, raise_lobby])
def test_outsiders_do_not_learn_of_lock_or_lobby(arrive, conversation, obstacle, who):
    """An outsider of a locked conversation, or one with a lobby, gets 404."""
    obstacle(conversation)
    person = arrive(who)
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/5")
def test_remembered_session_that_is_gone_is_not_found(arrive):
    """A browser whose session was replaced gets 404, although its user is online elsewhere."""
    browser = arrive("member", online=False)
    browser.room("post", "/participants/active")
    SessionFactory(attendee=browser.attendee)
    Session.objects.filter(attendee=browser.attendee).earliest("pk").delete()
    for method in METHODS:
        answer = browser.call(method)
        assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/5")
def test_browser_is_found_again_after_joining_again(arrive):
    """Joining the conversation again is the way back for a browser that lost its session."""
    browser = arrive("member", online=False)
    browser.room("post", "/participants/active")
    Session.objects.all().delete()
    browser.room("post", "/participants/active")
    for method in METHODS:
        answer = browser.call(method)
        assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.1/5")
@EACH_VERSION
@pytest.mark.parametrize("who", ["guest", "guest moderator"])
def test_guest_without_session_is_anonymous(arrive, who):
    """A guest is identified by the session, and without it is no participant."""
    guest = arrive(who)
    guest.session.delete()
    for method in METHODS:
        answer = guest.call(method)
        assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/5", "4.3/several-sessions")
def test_client_without_cookies_acts_with_its_newest_session(arrive):
    """Without cookies a user acts with their session that pinged last."""
    member = arrive("member")
    older = SessionFactory(attendee=member.attendee, last_ping=NOW - timedelta(seconds=1))
    oldest = SessionFactory(attendee=member.attendee, last_ping=NOW - timedelta(seconds=2))
    answer = member.call("post", {"flags": 3})
    assert answer.whole == ok(answer, [])
    in_call = dict(Session.objects.values_list("pk", "in_call"))
    assert in_call == {member.session.pk: 3, older.pk: 0, oldest.pk: 0}


@pytest.mark.contract("4.1/5")
def test_browser_acts_with_the_session_it_remembers(arrive):
    """With cookies a user acts with the session of this browser, even if another one is newer."""
    browser = arrive("member", online=False)
    browser.room("post", "/participants/active")
    remembered = Session.objects.get()
    newer = SessionFactory(attendee=browser.attendee, last_ping=NOW + timedelta(seconds=1))
    answer = browser.call("post", {"flags": 3})
    assert answer.whole == ok(answer, [])
    in_call = dict(Session.objects.values_list("pk", "in_call"))
    assert in_call == {remembered.pk: 3, newer.pk: 0}


# --- 6, 7: lock and lobby ---------------------------------------------------------------------


@pytest.mark.contract("4.1/6", "12/1")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_locked_conversation_is_forbidden(arrive, who):
    """A locked conversation answers 403 to all and to each method, owners not exempt."""
    person = arrive(who)
    lock(person.conversation)
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == refused(answer, 403)


@pytest.mark.contract("4.1/7")
@EACH_VERSION
@pytest.mark.parametrize("who", OTHERS)
def test_lobby_stops_everybody_else(arrive, who):
    """Members, self-joined users and guests wait outside of a lobby with 412."""
    person = arrive(who)
    raise_lobby(person.conversation)
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == refused(answer, 412)


@pytest.mark.contract("4.1/7")
@EACH_VERSION
@pytest.mark.parametrize("who", MODERATORS)
def test_lobby_lets_moderators_pass(arrive, who):
    """Owners, moderators and guest moderators need not wait."""
    person = arrive(who)
    raise_lobby(person.conversation)
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.1/7")
@EACH_VERSION
@pytest.mark.parametrize(
    ("seconds_ago", "status"),
    [(-1, 412), (0, 200), (1, 200)],
    ids=["ahead", "at this moment", "elapsed"],
)
def test_lobby_falls_when_its_timer_elapses(arrive, seconds_ago, status):
    """The lobby is read through its timer: once that is reached, there is no lobby."""
    member = arrive("member")
    raise_lobby(member.conversation, until=NOW - timedelta(seconds=seconds_ago))
    for method in METHODS:
        answer = member.call(method)
        assert answer.whole == (ok(answer, []) if status == 200 else refused(answer, status))


@pytest.mark.contract("4.1/6", "4.1/7")
@EACH_VERSION
@pytest.mark.parametrize("who", ["member", "moderator", "guest"])
def test_lock_is_asked_before_lobby(arrive, who):
    """A locked room answers 403 even when the lobby is up as well."""
    person = arrive(who)
    lock(person.conversation)
    raise_lobby(person.conversation)
    for method in METHODS:
        answer = person.call(method)
        assert answer.whole == refused(answer, 403)


@pytest.mark.contract("4.1/6", "4.1/7", "4.1/9", "12/8", "12/9")
@pytest.mark.parametrize(("obstacle", "status"), [(lock, 403), (raise_lobby, 412)])
def test_lock_and_lobby_are_asked_before_the_session(arrive, obstacle, status):
    """Without a session, a locked conversation is 403 and one with a lobby 412, not 404."""
    member = arrive("member", online=False)
    obstacle(member.conversation)
    for method in METHODS:
        answer = member.call(method)
        assert answer.whole == refused(answer, status)


@pytest.mark.contract("4.1/6", "4.1/7")
@EACH_VERSION
@pytest.mark.parametrize(("obstacle", "status"), [(lock, 403), (raise_lobby, 412)])
@pytest.mark.parametrize("method", ["post", "delete"])
def test_refusal_changes_nothing(arrive, obstacle, status, method):
    """After a refusal the call and the conversation are as before."""
    member = arrive("member")
    Session.objects.update(in_call=3)
    obstacle(member.conversation)
    before = member.conversation.last_activity_at
    answer = member.call(method)
    member.conversation.refresh_from_db()
    assert answer.whole == refused(answer, status)
    assert (member.flags, member.conversation.last_activity_at) == (3, before)


# --- 8: the missing half of a one-to-one ------------------------------------------------------


@pytest.fixture
def half(version, wire, clock):
    """Return a function that makes a one-to-one whose other half has gone, and its first half."""

    def make(*, online):
        user, other = UserFactory(username="alice"), UserFactory(username="bob")
        one_to_one, _ = creation.create_one_to_one(user=user, other=other)
        Attendee.objects.filter(user=other).delete()
        if online:
            SessionFactory(attendee=Attendee.objects.get())
        _, secret = app_passwords.create(user=user, name="test")
        device = OCSClient(version=version, wire=wire, username="alice", password=secret)
        return one_to_one, device

    return make


def members():
    names = Attendee.objects.order_by("user__username")
    return list(names.values_list("user__username", "participant_type", "display_name"))


@pytest.mark.contract("4.1/8", "4.3/1")
def test_joining_a_one_to_one_brings_the_other_back(half):
    """If one of the two left, they become an owner again when the other joins the call."""
    one_to_one, device = half(online=True)
    answer = device.post(f"call/{one_to_one.token}")
    assert answer.whole == ok(answer, [])
    assert members() == [("alice", 1, "alice"), ("bob", 1, "bob")]


@pytest.mark.contract("4.1/8", "4.1/9")
def test_other_half_comes_back_even_if_the_join_is_refused(half):
    """The other is brought back before anybody asks whether the caller has a session."""
    one_to_one, device = half(online=False)
    answer = device.post(f"call/{one_to_one.token}")
    assert answer.whole == refused(answer, 404)
    assert members() == [("alice", 1, "alice"), ("bob", 1, "bob")]


@pytest.mark.contract("4.1/8")
@EACH_VERSION
@pytest.mark.parametrize("method", ["get", "delete"])
def test_only_joining_brings_the_other_back(half, method):
    """Looking at a call, or leaving it, brings nobody back."""
    one_to_one, device = half(online=True)
    answer = device.request(method, f"call/{one_to_one.token}")
    assert answer.whole == ok(answer, [])
    assert members() == [("alice", 1, "alice")]


@pytest.mark.contract("4.1/8", "4.3/1")
@EACH_VERSION
def test_deleted_account_does_not_come_back(half):
    """Somebody whose account is gone stays away, and what is left is locked."""
    one_to_one, device = half(online=True)
    type(Attendee.objects.get().user).objects.get(username="bob").delete()
    answer = device.post(f"call/{one_to_one.token}")
    assert answer.whole == refused(answer, 403)
    assert members() == [("alice", 1, "alice")]


@pytest.mark.contract("4.1/8")
@EACH_VERSION
@pytest.mark.parametrize("kind", [ConversationType.GROUP, ConversationType.PUBLIC])
def test_other_conversations_are_not_refilled(arrive, kind):
    """Only a one-to-one has a half that can be missing."""
    member = arrive("member", ConversationFactory(type=kind))
    UserFactory()
    answer = member.call("post")
    assert answer.whole == ok(answer, [])
    assert Attendee.objects.count() == 1


# --- 9: the session ---------------------------------------------------------------------------


@pytest.mark.contract("4.1/9", "12/8")
@EACH_VERSION
@pytest.mark.parametrize("who", USERS)
@pytest.mark.parametrize("method", ["post", "delete"])
def test_participant_without_session_is_not_found(arrive, who, method):
    """A participant who did not join the conversation can neither join nor leave its call."""
    answer = arrive(who, online=False).call(method)
    assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/9")
@EACH_VERSION
@pytest.mark.parametrize("who", USERS)
def test_list_needs_no_session(arrive, who):
    """Belonging to the conversation is enough to see who is in its call."""
    answer = arrive(who, online=False).call("get")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.1/9")
@EACH_VERSION
@pytest.mark.parametrize(("age", "status"), [(99, 200), (100, 404)])
@pytest.mark.parametrize("method", ["post", "delete"])
def test_session_that_was_silent_too_long_is_none(arrive, clock, method, age, status):
    """A session whose last ping is 100 seconds old exists no more (behaviour 3.5)."""
    member = arrive("member")
    clock.shift(age)
    answer = member.call(method)
    assert answer.whole == (ok(answer, []) if status == 200 else refused(answer, status))


# --- 10: who may start a call -----------------------------------------------------------------

MAY_START = {
    "everyone": PARTICIPANTS,
    "users": [*USERS, "guest moderator"],
    "moderators": MODERATORS,
}
STARTERS = [
    pytest.param(start_calls, who, who in allowed, id=f"{start_calls}-{who}")
    for start_calls, allowed in MAY_START.items()
    for who in PARTICIPANTS
]


@pytest.mark.contract("4.1/10", "4.3/2", "12/6")
@EACH_VERSION
@pytest.mark.parametrize(("start_calls", "who", "allowed"), STARTERS)
def test_starting_a_call_needs_the_permission(arrive, settings, start_calls, who, allowed):
    """``START_CALLS`` sets who may start a call; others get 403 with the reason."""
    settings.TALK_CALLS = {"START_CALLS": start_calls}
    person = arrive(who)
    answer = person.call("post")
    expected = ok(answer, []) if allowed else refused(answer, 403, "Can not start a call")
    assert answer.whole == expected
    assert person.flags == (7 if allowed else 0)


@pytest.mark.contract("4.1/10")
@EACH_VERSION
@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("start_calls", ["users", "moderators"])
def test_joining_a_running_call_needs_no_permission(arrive, settings, start_calls, who):
    """A participant who may not start a call may join a running one."""
    settings.TALK_CALLS = {"START_CALLS": start_calls}
    arrive("moderator").call("post")
    answer = arrive(who).call("post")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.1/10")
@EACH_VERSION
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_groups_that_may_start_calls(arrive, settings, who):
    """``START_CALLS_GROUPS`` exempts nobody: no owner, and no guest; all join a running call."""
    settings.TALK_CALLS = {"START_CALLS_GROUPS": ["Pupils", "Staff"]}
    person = arrive(who)
    answer = person.call("post")
    assert answer.whole == refused(answer, 403, "Can not start a call")
    assert person.flags == 0
    assert not person.room("get").data["canStartCall"]
    starter = arrive("member")
    starter.attendee.user.groups.create(name="Staff")
    assert starter.room("get").data["canStartCall"]
    answer = starter.call("post")
    assert answer.whole == ok(answer, [])
    answer = person.call("post")
    assert answer.whole == ok(answer, [])


@pytest.mark.contract("4.1/10")
def test_call_of_timed_out_sessions_is_not_running(arrive, settings, clock):
    """Timed out sessions do not keep a call open for those who may not start one."""
    settings.TALK_CALLS = {"START_CALLS": "moderators"}
    arrive("moderator").call("post")
    clock.shift(31)
    answer = arrive("member").call("post")
    assert answer.whole == refused(answer, 403, "Can not start a call")


@pytest.mark.contract("4.1/9", "4.1/10")
def test_session_is_asked_before_the_permission(arrive, settings):
    """A participant without a session gets 404, whether or not they may start calls."""
    settings.TALK_CALLS = {"START_CALLS": "moderators"}
    answer = arrive("member", online=False).call("post")
    assert answer.whole == refused(answer, 404)


@pytest.mark.contract("4.1/10")
@EACH_VERSION
@pytest.mark.parametrize("who", ["owner", "guest"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_where_no_one_may_start_calls_there_are_none(arrive, settings, who, method):
    """ "no one" switches calls off: not even an owner may look at one or join one."""
    person = arrive(who)
    settings.TALK_CALLS = {"START_CALLS": "no one"}
    answer = person.call(method)
    assert answer.whole == refused(answer, 403)
