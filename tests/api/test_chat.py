"""The chat, which shows what happened: history, waiting, and what nobody may do."""

import threading
import time

import pytest
from django.utils import timezone

from talk_calls.chat.poll import ChatPoll
from talk_calls.constants import SystemMessageKind
from talk_calls.models import Conversation, Session, SystemMessage
from talk_calls.services import calls, conversations, lobby, participants
from talk_calls.signaling import hub, wakeup
from tests.api.shapes import inside, message, newest
from tests.factories import AttendeeFactory, ConversationFactory
from tests.patience import until_so
from tests.people import PARTICIPANTS, arrive

pytestmark = pytest.mark.django_db

OK = {"status": "ok", "statuscode": 200, "message": "OK"}


@pytest.fixture
def _languages(settings):
    """Answer in the language of the browser, as sites do that choose to."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]


def write(room, number: int = 1, **fields) -> list[SystemMessage]:
    """Store messages as services do."""
    fields = {"kind": SystemMessageKind.READ_ONLY, "at": timezone.now(), **fields}
    return [SystemMessage.objects.create(conversation=room, **fields) for _ in range(number)]


def ask(person, path: str = "", **parameters):
    """Ask for messages."""
    return person.device.get(f"chat/{person.conversation.token}{path}", parameters)


def ids(answer) -> list[int]:
    assert answer.http == 200, answer.response.content
    return [each["id"] for each in answer.data]


def headers(answer) -> tuple[int, int]:
    """Return the last given and the last common read message."""
    names = ("X-Chat-Last-Given", "X-Chat-Last-Common-Read")
    return tuple(int(answer.response[name]) for name in names)


@pytest.fixture
def person():
    return arrive("member", ConversationFactory(), version="v1", username="alice")


# --- history --------------------------------------------------------------------------------------


def test_history(person):
    """The newest come first, as whole objects; the oldest of them is where the next page begins."""
    room = person.conversation
    calls.join(session=person.session, flags=7, now=timezone.now())
    conversations.set_read_only(conversation=room, state=1, now=timezone.now())
    rows = list(SystemMessage.objects.order_by("-pk"))
    alice = {"type": "user", "id": "alice", "name": "alice"}
    site = {"type": "guest", "id": "guest/system", "name": "The site"}
    nobody = {"actorType": "guests", "actorId": "system"}
    texts = {
        "call_started": ("You started a call", {"actor": alice}, {}),
        "read_only": ("The conversation was locked", {"actor": site}, nobody),
        "call_ended": (
            "The call ended after 0:00. Who was in it: {user1}",
            {"actor": site, "user1": alice},
            nobody,
        ),
    }
    expected = []
    for row in rows:
        text, parameters, others = texts[row.kind]
        expected.append(message(row, text, **parameters) | others)
    answer = ask(person)
    assert {row.kind for row in rows} == set(texts)
    assert answer.whole == (200, {"meta": OK, "data": expected})
    assert headers(answer) == (rows[-1].pk, rows[0].pk)


def test_pages(person):
    """Each page begins before the last given one, until there is nothing more."""
    rows = [row.pk for row in write(person.conversation, 5)]
    write(ConversationFactory(), 3)
    assert ids(ask(person, limit=2)) == rows[:2:-1]
    assert ids(ask(person, limit=2, lastKnownMessageId=rows[3])) == rows[2:0:-1]
    answer = ask(person, limit=2, lastKnownMessageId=rows[1])
    assert (ids(answer), headers(answer)) == (rows[:1], (rows[0], rows[4]))
    assert ids(ask(person, limit=2, lastKnownMessageId=rows[1], includeLastKnown=1)) == rows[1::-1]
    assert ask(person, lastKnownMessageId=rows[0]).http == 304


def test_no_messages(person):
    """Where nothing happened there is nothing to send: no body, no envelope."""
    response = ask(person).response
    assert (response.status_code, response.content) == (304, b"")
    assert "Content-Type" not in response
    person.device.entry = 1
    meta = {"status": "failure", "statuscode": 304, "message": ""}
    answer = ask(person)
    assert answer.whole == (
        200,
        {"meta": meta | {"totalitems": "", "itemsperpage": ""}, "data": []},
    )


def test_v1_entry(person):
    """Under v1.php the data is the same."""
    [row] = write(person.conversation)
    person.device.entry = 1
    answer = ask(person)
    assert (answer.http, answer.code, ids(answer)) == (200, 100, [row.pk])


def test_as_xml(person):
    """Clients that ask for XML read the same."""
    [row] = write(person.conversation)
    person.device.wire = "xml"
    [shown] = ask(person).data
    assert (shown["id"], shown["reactions"], shown["isReplyable"]) == (str(row.pk), "", "")
    assert shown["messageParameters"]["actor"]["name"] == "The site"


def test_most(person):
    """There are 100 messages without a limit, and 200 at most."""
    write(person.conversation, 201)
    assert len(ask(person).data) == 100
    assert len(ask(person, limit=1000).data) == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "-1", "x", "1.5", str(2**63))),
        *(("lastKnownMessageId", value) for value in ("-1", "x", str(2**64))),
        *(("timeout", value) for value in ("-1", "x")),
        ("lookIntoFuture[]", "1"),
    ],
)
def test_what_cannot_be_read(person, name, value):
    """It is refused in the envelope, with a sentence."""
    write(person.conversation)
    answer = ask(person, **{name: value})
    assert (answer.http, answer.data) == (400, [])
    assert answer.ocs["meta"]["message"]


def test_what_clients_send_besides(person):
    """Parameters of chats with people are taken, and change nothing."""
    [row] = write(person.conversation)
    besides = {
        **{"noStatusUpdate": 1, "setReadMarker": 0, "markNotificationsAsRead": 0, "threadId": 0},
        **{"lastCommonReadId": 3, "timeout": 30, "limit": 100},
    }
    assert ids(ask(person, lookIntoFuture=0, **besides)) == [row.pk]
    assert ids(ask(person, lookIntoFuture=1, **besides)) == [row.pk]


@pytest.mark.parametrize("who", PARTICIPANTS)
def test_who_reads(who):
    """Everybody who belongs to the conversation; those in the lobby do not."""
    room = ConversationFactory()
    [row] = write(room)
    person = arrive(who, room, version="v1")
    assert ids(ask(person)) == [row.pk]
    Conversation.objects.update(lobby_state=1)
    may_pass = who in {"owner", "moderator", "guest moderator"}
    assert ask(person).http == ask(person, lookIntoFuture=1).http == (200 if may_pass else 412)


def test_members_read_without_a_session():
    """A member need not be online."""
    person = arrive("member", ConversationFactory(), version="v1", online=False)
    [row] = write(person.conversation)
    assert ids(ask(person)) == ids(ask(person, lookIntoFuture=1)) == [row.pk]


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_outsiders(who):
    """For others there is no such conversation, whatever it is and whatever they ask."""
    room = ConversationFactory()
    [row] = write(room)
    person = arrive(who, room, version="v1")
    absent = person.device.get("chat/nothere")
    for path in ("", f"/{row.pk}/context", "/mentions"):
        assert ask(person, path).whole == absent.whole
    assert absent.http == 404


# --- context --------------------------------------------------------------------------------------


def test_context(person):
    """A message stands between those before and those after it."""
    rows = [row.pk for row in write(person.conversation, 7)]
    answer = ask(person, f"/{rows[3]}/context", limit=2)
    assert (ids(answer), headers(answer)) == (rows[1:6], (rows[5], rows[6]))
    assert ids(ask(person, f"/{rows[3]}/context")) == rows
    assert ask(person, f"/{rows[3]}/context", limit=0).http == 400


def test_context_of_a_message_elsewhere(person):
    """An id of another conversation is a number like any other: it says nothing of that message."""
    first, last = write(person.conversation, 2)
    [other] = write(ConversationFactory())
    absent = ask(person, f"/{other.pk + 1}/context")
    assert ask(person, f"/{other.pk}/context").whole == absent.whole
    assert ids(absent) == [first.pk, last.pk]


# --- waiting --------------------------------------------------------------------------------------


def test_what_is_there_is_given_at_once(person):
    """Waiting gives the oldest first, and the last of them is the next known one."""
    rows = [row.pk for row in write(person.conversation, 4)]
    answer = ask(person, lookIntoFuture=1, lastKnownMessageId=rows[0], limit=2)
    assert (ids(answer), headers(answer)) == (rows[1:3], (rows[2], rows[3]))
    answer = ask(person, lookIntoFuture=1, lastKnownMessageId=rows[3], includeLastKnown=1)
    assert ids(answer) == rows[3:]
    assert hub.waiting() == []


@pytest.mark.parametrize("seconds", [0, 1])
def test_nothing_new(person, seconds):
    """After the time that the client wants to wait, the answer is 304."""
    [row] = write(person.conversation)
    began = time.monotonic()
    answer = ask(person, lookIntoFuture=1, lastKnownMessageId=row.pk, timeout=seconds)
    assert (answer.http, answer.response.content) == (304, b"")
    assert seconds <= time.monotonic() - began < seconds + 5
    assert hub.waiting() == []


class Waiting:
    """A request for new messages, in a thread of its own."""

    def __init__(self, person, **parameters) -> None:
        self.answers = []
        parameters = {"lookIntoFuture": 1, "timeout": 30} | parameters
        self._thread = threading.Thread(target=self._run, args=(person, parameters))

    def _run(self, person, parameters) -> None:
        self.answers.append(ask(person, **parameters))

    def __enter__(self):
        before = hub.waiting()
        self._thread.start()
        until_so(lambda: set(hub.waiting()) - set(before) or self.answers, 30)
        time.sleep(0.3)  # until it has read what is there
        return self

    def __exit__(self, *error) -> None:
        self._thread.join(30)

    @property
    def answer(self):
        self._thread.join(30)
        return self.answers[0]


@pytest.fixture
def _only_hints(monkeypatch):
    """Let nothing but hints wake requests."""
    monkeypatch.setattr(wakeup, "QUERY_INTERVAL", 60)


@pytest.mark.usefixtures("_languages", "_only_hints")
@pytest.mark.django_db(transaction=True)
def test_a_call_that_starts():
    """Those who wait read at once that a call began, each in their language."""
    room = ConversationFactory()
    ada = arrive("owner", room, version="v1", username="ada")
    bob = arrive("guest", room, version="v1")
    bob.device.browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    with Waiting(bob) as waiting:
        began = time.monotonic()
        calls.join(session=ada.session, flags=7, now=timezone.now())
        answer = waiting.answer
    assert time.monotonic() - began < 10
    [shown] = answer.data
    assert shown["systemMessage"] == "call_started"
    assert shown["message"] == "{actor} hat einen Anruf gestartet"
    assert shown["messageParameters"] == {"actor": {"type": "user", "id": "ada", "name": "ada"}}


@pytest.mark.usefixtures("_only_hints")
@pytest.mark.django_db(transaction=True)
def test_flags_wake_nobody(monkeypatch):
    """What the chat does not tell costs those who wait for it nothing."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room, version="v1") for who in ("owner", "member"))
    calls.join(session=ada.session, flags=7, now=timezone.now())
    newest_id = SystemMessage.objects.latest("pk").pk
    with Waiting(bob, lastKnownMessageId=newest_id, timeout=3) as waiting:
        checks, check = [], ChatPoll.check
        monkeypatch.setattr(ChatPoll, "check", lambda *args: checks.append(1) or check(*args))
        calls.join(session=ada.session, flags=3, now=timezone.now())
        arrive("guest", room, version="v1")
        assert waiting.answer.http == 304
    assert len(checks) == 1  # at the end of the time


@pytest.mark.parametrize("how", ["lobby", "removed", "deleted"])
@pytest.mark.usefixtures("_only_hints")
@pytest.mark.django_db(transaction=True)
def test_who_may_not_read_any_more(how):
    """They are told at once, and read nothing of it."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room, version="v1") for who in ("owner", "member"))
    now = timezone.now()
    with Waiting(bob) as waiting:
        if how == "lobby":
            lobby.set_state(conversation=room, state=1, timer=None, now=now)
        elif how == "removed":
            participants.remove(attendee=bob.attendee, now=now, performed_by=ada.attendee)
        else:
            conversations.delete(conversation=room, now=now)
        expected = 412 if how == "lobby" else 404
        assert waiting.answer.http == expected, waiting.answer.whole


@pytest.mark.usefixtures("_only_hints")
@pytest.mark.django_db(transaction=True)
def test_a_poll_of_signaling_waits_on():
    """The two waits of a session do not supersede each other; two of the same kind do."""
    person = arrive("guest", ConversationFactory(), version="v1")
    with Waiting(person) as first, Waiting(person, timeout=2) as second:
        assert first.answer.http == 304
        assert not second.answers
        session = Session.objects.get(pk=person.session.pk)
        waiter = hub.Waiter(session.conversation_id, session.pk, 0)
        hub.add(waiter)
        assert second.answer.http == 304
        assert not waiter.superseded
        hub.remove(waiter)


@pytest.mark.usefixtures("_only_hints")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("online", [True, False])
def test_several_apps_without_a_session(online):
    """Apps of one member that keep none wait side by side, up to a bound; also beside a browser."""
    person = arrive("member", ConversationFactory(), version="v1", online=online)
    started = [Waiting(person, timeout=3) for _ in range(6)]
    for each in started:
        each.__enter__()
    until_so(lambda: len(started[0].answers) == 1, 10)
    assert [len(each.answers) for each in started] == [1, 0, 0, 0, 0, 0]
    assert [each.answer.http for each in started] == [304] * 6


@pytest.mark.parametrize(("flags", "is_ping"), [(0, True), (7, False)])
def test_pings(person, flags, is_ping):
    """Waiting is a sign of life, but keeps nobody in a call."""
    long_ago = timezone.now() - timezone.timedelta(seconds=20)
    Session.objects.update(last_ping=long_ago, in_call=flags)
    ask(person, lookIntoFuture=1, timeout=0)
    assert (Session.objects.get().last_ping > long_ago) is is_ping


# --- what there is not ----------------------------------------------------------------------------

WRITES = [
    ("post", "chat/{token}"),
    ("delete", "chat/{token}"),
    ("put", "chat/{token}/1"),
    ("delete", "chat/{token}/1"),
    ("post", "chat/{token}/share"),
    ("post", "chat/{token}/schedule"),
    ("post", "reaction/{token}/1"),
    ("delete", "reaction/{token}/1"),
    ("post", "poll/{token}"),
    ("post", "poll/{token}/1"),
    ("delete", "poll/{token}/1"),
    ("post", "bot/{token}/1"),
]


@pytest.mark.usefixtures("_languages")
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_nobody_writes(method, path):
    """Who belongs to the conversation reads why, in their language; for others it is not there."""
    room = ConversationFactory()
    write(room)
    path = path.format(token=room.token)
    for who in ("owner", "guest"):
        person = arrive(who, room, version="v1")
        person.device.browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
        answer = person.device.request(method, path, {"message": "Hello"})
        sentence = "Hier kann niemand schreiben: Der Chat zeigt nur, was geschehen ist."
        meta = {"status": "failure", "statuscode": 403, "message": sentence}
        assert answer.whole == (403, {"meta": meta, "data": []})
    for who in ("stranger", "nobody"):
        assert arrive(who, room, version="v1").device.request(method, path).http == 404
    assert SystemMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("chat/{token}/mentions", []),
        ("chat/{token}/share", []),
        ("chat/{token}/share/overview", {}),
        ("chat/{token}/schedule", []),
        ("reaction/{token}/1", {}),
        ("bot/{token}", []),
    ],
)
def test_what_clients_ask_besides(person, path, data):
    """What only messages of people have is empty."""
    answer = person.device.get(path.format(token=person.conversation.token))
    assert answer.whole == (200, {"meta": OK, "data": data})


@pytest.mark.parametrize("method", ["post", "delete"])
def test_read_marker(person, method):
    """All is read anyway; clients read the conversation as v4 shows it."""
    [row] = write(person.conversation, kind=SystemMessageKind.READ_ONLY_OFF)
    answer = person.device.request(method, f"chat/{person.conversation.token}/read")
    person.session.refresh_from_db()
    site = {"type": "guest", "id": "guest/system", "name": "The site"}
    shown = newest(row, "The conversation was unlocked", actor=site)
    shown["lastMessage"] |= {"actorType": "guests", "actorId": "system"}
    expected = inside("v4", person.attendee, person.session, **shown)
    assert answer.whole == (200, {"meta": OK, "data": expected})
    assert answer.response["X-Chat-Last-Common-Read"] == str(row.pk)


def test_newest_message_of_rooms(version):
    """Rooms have the newest message of theirs; who waits in the lobby reads none."""
    person = arrive("member", ConversationFactory(), version=version)
    other = AttendeeFactory(user=person.attendee.user)
    write(person.conversation)
    [row] = write(person.conversation, kind=SystemMessageKind.PASSWORD_SET)
    shown = {each["token"]: each for each in person.device.get("room").data}
    room = shown[person.conversation.token]
    assert room["lastMessage"]["message"] == "A password was set"
    assert (room["lastReadMessage"], room["unreadMessages"]) == (row.pk, 0)
    assert shown[other.conversation.token]["lastMessage"] == []
    joined = person.room("post", "/participants/active").data
    assert joined["lastMessage"] == person.room("get").data["lastMessage"] == room["lastMessage"]
    Conversation.objects.update(lobby_state=1)
    room = person.room("get").data
    assert (room["lastMessage"], room["lastReadMessage"]) == ([], 0)


# --- what it costs --------------------------------------------------------------------------------


def test_statements(person, django_assert_max_num_queries):
    """Reading costs the same with one message and with a thousand."""
    costs = []
    for number in (1, 999):
        SystemMessage.objects.bulk_create(
            SystemMessage(
                conversation=person.conversation, kind="read_only", at=timezone.now(), details={}
            )
            for _ in range(number)
        )
        last = SystemMessage.objects.latest("pk").pk
        for parameters in ({}, {"lookIntoFuture": 1}, {"lookIntoFuture": 1, "timeout": 0}):
            known = {"lastKnownMessageId": last} if "timeout" in parameters else {}
            with django_assert_max_num_queries(5) as captured:
                ask(person, **parameters, **known)
            costs.append(len(captured))
    assert costs[:3] == costs[3:]
