"""What operators may do in the admin: confirmed, reasoned, logged, each with its permission."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from talk_calls.admin import actions
from talk_calls.admin.actions.base import MAX_OBJECTS
from talk_calls.constants import LegReason
from talk_calls.exceptions import NoSuchTarget
from talk_calls.models import AppPassword, Attendee, Ban, Call, Conversation, Session
from talk_calls.services import app_passwords, calls, groups, permissions, sessions
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ACTIONS = (
    *actions.APP_PASSWORD_ACTIONS,
    *actions.ATTENDEE_ACTIONS,
    *actions.BAN_ACTIONS,
    *actions.CALL_ACTIONS,
    *actions.CONVERSATION_ACTIONS,
    *actions.SESSION_ACTIONS,
)
#: What cannot be brought back looks like it.
DESTRUCTIVE = {"end_call", "remove_attendee", "ban_attendee", "remove_session", "revoke"}
EVIL = "<script>alert('&')</script>"
REASON = "They asked for it"


@dataclass
class Case:
    """An action, the object that it changes, how to see that, and the entry in the log."""

    name: str
    permission: str
    row: object
    done: object
    about: object
    entry: str
    flag: int = CHANGE
    gone: bool = False


def in_call(attendee):
    session = SessionFactory(attendee=attendee)
    calls.join(session=session, flags=7, now=timezone.now())
    return session


def is_now(row, **values):
    return lambda: type(row).objects.filter(pk=row.pk, **values).exists()


def is_gone(row):
    key, model = row.pk, type(row)
    return lambda: not model.objects.filter(pk=key).exists()


def end_call():
    room = in_call(AttendeeFactory()).conversation
    call = room.calls.get()
    ended = is_now(call, end_reason=LegReason.ENDED_FOR_ALL)
    return Case("end_call", "end_call", call, ended, call, "Ended the call.")


def lock():
    room = ConversationFactory()
    entry = "Locked the conversation."
    return Case("lock", "lock_conversation", room, is_now(room, read_only=1), room, entry)


def unlock():
    room = ConversationFactory(read_only=1)
    entry = "Unlocked the conversation."
    return Case("unlock", "lock_conversation", room, is_now(room, read_only=0), room, entry)


def lobby_on():
    room = ConversationFactory()
    entry = "Raised the lobby of the conversation."
    return Case("lobby_on", "lobby_conversation", room, is_now(room, lobby_state=1), room, entry)


def lobby_off():
    room = ConversationFactory(lobby_state=1)
    entry = "Lowered the lobby of the conversation."
    return Case("lobby_off", "lobby_conversation", room, is_now(room, lobby_state=0), room, entry)


def bob(**kwargs):
    return AttendeeFactory(user=UserFactory(username="bob"), display_name="Bob", **kwargs)


def promote():
    row = bob()
    done, entry = is_now(row, participant_type=2), "Promoted Bob (user bob)."
    return Case("promote", "promote_attendee", row, done, row.conversation, entry)


def promote_self_joined():
    row = bob(participant_type=5, permissions=1)
    done, entry = is_now(row, participant_type=2, permissions=0), "Promoted Bob (user bob)."
    return Case("promote", "promote_attendee", row, done, row.conversation, entry)


def demote():
    row = bob(participant_type=2)
    done, entry = is_now(row, participant_type=3), "Demoted Bob (user bob)."
    return Case("demote", "promote_attendee", row, done, row.conversation, entry)


def remove_attendee():
    row = bob(participant_type=1)
    entry, room = "Removed Bob (user bob).", row.conversation
    return Case("remove_attendee", "remove_attendee", row, is_gone(row), room, entry, gone=True)


def ban_attendee():
    row = bob()
    entry, room = "Banned Bob (user bob).", row.conversation
    return Case("ban_attendee", "ban_attendee", row, is_gone(row), room, entry, gone=True)


def lift_ban():
    room = ConversationFactory()
    row = Ban.objects.create(
        conversation=room, actor_type="users", user=UserFactory(username="bob"), display_name="Bob"
    )
    entry = "Lifted the ban of Bob (user bob)."
    return Case("lift_ban", "ban_attendee", row, is_gone(row), room, entry, gone=True)


def remove_session():
    row = SessionFactory(attendee=bob())
    entry, room = f"Disconnected {row} of Bob (user bob).", row.conversation
    return Case("remove_session", "remove_session", row, is_gone(row), room, entry, gone=True)


def revoke():
    row, _ = app_passwords.create(user=UserFactory(username="bob"), name="phone")
    entry = "Revoked the app password of bob."
    done = is_gone(row)
    return Case("revoke", "revoke_apppassword", row, done, row, entry, flag=DELETION, gone=True)


CASES = [
    end_call,
    lock,
    unlock,
    lobby_on,
    lobby_off,
    promote,
    promote_self_joined,
    demote,
    remove_attendee,
    ban_attendee,
    lift_ban,
    remove_session,
    revoke,
]


@pytest.fixture(params=CASES, ids=lambda make: make.__name__)
def case(request):
    return request.param()


@pytest.fixture
def root(client):
    """Return the user behind ``client``, a superuser."""
    user = UserFactory(username="root", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def may(user, *codenames):
    found = Permission.objects.filter(content_type__app_label="talk_calls", codename__in=codenames)
    user.user_permissions.add(*found)


VIEWS = [
    f"view_{model}"
    for model in ("apppassword", "attendee", "ban", "call", "conversation", "session")
]


def changelist(model):
    return reverse(f"admin:talk_calls_{model._meta.model_name}_changelist")


def page_of(row):
    return reverse(f"admin:talk_calls_{row._meta.model_name}_change", args=[row.pk])


def post(client, case, *rows, **data):
    """Request an action; with a reason it is executed."""
    selected = [row.pk for row in rows or [case.row]]
    data = {"action": case.name, "_selected_action": selected, **data}
    if "reason" in data:
        data["confirmed"] = "yes"
    return client.post(changelist(type(case.row)), data)


def messages(response):
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


def log():
    fields = ("user", "action_flag", "object_id", "change_message")
    return list(LogEntry.objects.order_by("pk").values_list(*fields))


def test_every_action_has_a_case():
    assert {action.name for action in ACTIONS} <= {make.__name__ for make in CASES}


def test_an_action_is_confirmed_first(client, root, case):
    """The page states the action and its objects and asks for a reason; nothing is changed yet."""
    answer = post(client, case)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert f'name="_selected_action" value="{case.row.pk}"' in html
    assert 'name="reason"' in html
    [action] = [action for action in ACTIONS if action.name == case.name]
    assert str(action.title) in html
    assert str(action.description) in html
    look = "talk-destructive" if case.name in DESTRUCTIVE else "default"
    assert f'<input type="submit" class="{look}" value="{action.label}">' in html
    assert str(case.row).replace("'", "&#x27;") in html
    assert not case.done()
    assert log() == []


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_an_action_takes_a_reason(client, root, case, reason):
    """Without one, or with one that fits no log, the page comes back."""
    answer = post(client, case, reason=reason)
    assert answer.status_code == 200
    assert b"errorlist" in answer.content
    assert not case.done()
    assert log() == []


def test_an_action_is_executed_and_logged(client, root, case):
    """The log names who, what and why, where others will look for it."""
    about = case.about.pk
    answer = post(client, case, reason=REASON)
    assert (answer.status_code, answer.url) == (302, changelist(type(case.row)))
    assert case.done()
    noun = case.row._meta.verbose_name
    [(level, message)] = messages(answer)
    assert (level, message.endswith(f" 1 {noun}.")) == ("success", True)
    entry = LogEntry.objects.get()
    assert log() == [(root.pk, case.flag, str(about), f"{case.entry} Reason: {REASON}")]
    assert entry.content_type.model_class() is type(case.about)


@pytest.mark.parametrize("who", ["that permission", "view only", "others", "no staff"])
def test_permissions(client, case, who):
    """Exactly the permission of an action allows it; to view the rows is not enough."""
    user = UserFactory(is_staff=who != "no staff", username="staff")
    every = {action.permission for action in ACTIONS}
    granted = {
        "that permission": [*VIEWS, case.permission],
        "view only": VIEWS,
        "others": [*VIEWS, *(every - {case.permission})],
        "no staff": [*VIEWS, *every],
    }
    may(user, *granted[who])
    client.force_login(user)
    answer = post(client, case, reason=REASON)
    allowed = who == "that permission"
    status = {"that permission": 302, "no staff": 302}.get(who, 403)
    assert (answer.status_code, case.done(), len(log())) == (status, allowed, int(allowed))
    if who == "no staff":
        assert "/login/" in answer.url


def test_buttons(client, case):
    """An object's page has a button for those who may use it; it posts what the list would."""
    user = UserFactory(is_staff=True, username="staff")
    client.force_login(user)
    may(user, *VIEWS)
    button = f'name="action" value="{case.name}"'
    assert button not in client.get(page_of(case.row)).content.decode()
    assert b'name="action"' not in client.get(changelist(type(case.row))).content
    may(user, case.permission)
    html = client.get(page_of(case.row)).content.decode()
    assert button in html
    assert f'action="{changelist(type(case.row))}"' in html
    assert f'value="{case.name}"' in client.get(changelist(type(case.row))).content.decode()


def test_a_button_leads_back_to_its_page(client, root, case):
    """It asks, does, and returns to where it was pressed."""
    origin = page_of(case.row)
    assert f'name="next" value="{origin}"' in post(client, case, next=origin).content.decode()
    assert post(client, case, next=origin, reason=REASON).url == origin


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_redirects_stay_on_the_site(client, root, elsewhere):
    """The address to return to is accepted for this site only."""
    case = lock()
    assert elsewhere not in post(client, case, next=elsewhere).content.decode()
    assert post(client, case, next=elsewhere, reason=REASON).url == changelist(Conversation)


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_gone_meanwhile(client, root, make):
    """If the object was deleted meanwhile, a warning is shown, and no error."""
    case = make()
    type(case.row).objects.filter(pk=case.row.pk).delete()
    answer = post(client, case, reason=REASON)
    assert answer.status_code == 302
    text = "What you selected is gone already. Nothing was done."
    assert (messages(answer), log()) == ([("warning", text)], [])


def test_gone_between_the_look_and_the_lock(client, root, monkeypatch):
    """The row was there when it was read, and no more when it was locked."""
    case = remove_session()

    def remove(**_):
        raise NoSuchTarget

    monkeypatch.setattr(sessions, "remove", remove)
    answer = post(client, case, reason=REASON)
    text = f"{case.row}: The user, group, attendee or session acted on does not exist."
    assert (messages(answer), log()) == ([("error", text)], [])


def test_many_at_once(client, root):
    """Each refused object has a message; the others are changed, each with a log entry."""
    locked = [ConversationFactory(name=name) for name in ("One", "Two")]
    pair = ConversationFactory(name="", type=1, token="pairpair")
    case = lock()
    answer = post(client, case, *locked, pair, reason=REASON)
    assert sorted(messages(answer)) == [
        ("error", "pairpair: A one-to-one conversation cannot be locked."),
        ("success", "Locked 2 conversations."),
    ]
    done = Conversation.objects.filter(read_only=1).order_by("pk")
    assert list(done) == locked
    assert sorted(entry[2] for entry in log()) == sorted(str(room.pk) for room in locked)


def test_former_one_to_one_stays_locked(client, root):
    """Its page has no button to unlock it, and the action of the list refuses."""
    room = ConversationFactory(name="Ben", type=5, read_only=1)
    assert 'value="unlock"' not in client.get(page_of(room)).content.decode()
    case = Case("unlock", "lock_conversation", room, None, room, "")
    answer = post(client, case, reason=REASON)
    room.refresh_from_db()
    assert (room.read_only, log()) == (1, [])
    assert messages(answer) == [("error", "Ben: The account of the other one is deleted.")]


def test_twice(client, root):
    """A second end of a call ends nothing and writes no log entry."""
    case = end_call()
    post(client, case, reason=REASON)
    answer = post(client, case, reason=REASON)
    assert messages(answer)[-1] == ("error", f"{case.row}: Nobody is in a call here.")
    assert len(log()) == 1


def test_a_call_of_a_deleted_conversation(client, root):
    """Its page has no button, and a request all the same gets a message."""
    now = timezone.now()
    call = Call.objects.create(started_at=now, ended_at=now, end_reason="left")
    case = Case("end_call", "end_call", call, None, call, "")
    assert b'value="end_call"' not in client.get(page_of(call)).content
    assert messages(post(client, case, reason=REASON)) == [
        ("error", f"{call}: Nobody is in a call here.")
    ]


def test_too_many_at_once(client, root):
    """A confirmation that nobody can read is none."""
    rooms = [ConversationFactory() for _ in range(MAX_OBJECTS + 1)]
    answer = post(client, lock(), *rooms, reason=REASON)
    assert messages(answer) == [
        ("error", f"Select at most {MAX_OBJECTS} at once. Nothing was done.")
    ]
    assert not Conversation.objects.filter(read_only=1).exists()


def test_a_failing_log_undoes_the_change(client, root, monkeypatch):
    """Change and log entry are one transaction."""
    case = lock()

    def fail(*_, **__):
        raise RuntimeError("the log is full")

    monkeypatch.setattr(LogEntry.objects, "log_actions", fail)
    with pytest.raises(RuntimeError):
        post(client, case, reason=REASON)
    assert not case.done()


def test_history_names_the_operator(client, root):
    """The history of a call names the operator who ended it, who is no attendee."""
    root.first_name = "Olga"
    root.save()
    post(client, end_call(), reason=REASON)
    fields = ("ended_by_type", "ended_by_id", "ended_by_name")
    assert Call.objects.values_list(*fields).get() == ("users", "root", "Olga")


def test_lobby_with_a_timer(client, root):
    """The lobby ends by itself at the time that the log entry names."""
    case = lobby_on()
    until = timezone.localtime().replace(second=0, microsecond=0) + timedelta(days=2)
    data = {"reason": REASON, "until": f"{until:%Y-%m-%dT%H:%M}"}
    assert post(client, case, **data).status_code == 302
    case.row.refresh_from_db()
    assert (case.row.lobby_state, case.row.lobby_timer) == (1, until)
    [(_, _, _, message)] = log()
    assert message == f"{case.entry} Until {until:%Y-%m-%d %H:%M %Z}. Reason: {REASON}"


@pytest.mark.parametrize("until", ["2020-01-01T00:00", "soon", "2026-02-30T10:00"])
def test_a_timer_that_is_none(client, root, until):
    """A time that is over would be no lobby."""
    case = lobby_on()
    assert post(client, case, reason=REASON, until=until).status_code == 200
    assert not case.done()


def test_a_group_is_removed_with_its_members(client, root):
    """The log entry names the group."""
    room = ConversationFactory()
    carol = UserFactory(username="carol")
    carol.groups.create(name="Staff")
    groups.add(conversation=room, group_id="Staff", now=timezone.now())
    group = room.attendees.get(actor_type="groups")
    case = Case("remove_attendee", "remove_attendee", group, None, room, "")
    post(client, case, reason=REASON)
    assert not room.attendees.exists()
    [(_, _, _, message)] = log()
    assert message == f"Removed Staff (group {group.actor_id}). Reason: {REASON}"


def test_promoting_a_moderator(client, root):
    """Promoting a moderator shows an error."""
    row = bob(participant_type=2)
    answer = post(client, Case("promote", "", row, None, None, ""), reason=REASON)
    text = "Bob: The attendee's role cannot be changed that way."
    assert messages(answer) == [("error", text)]


def test_an_operator_who_attends_acts_from_outside(client, root):
    """An operator may promote themselves, by the permission of the admin, with a log entry."""
    row = AttendeeFactory(user=root)
    post(client, Case("promote", "", row, None, None, ""), reason=REASON)
    row.refresh_from_db()
    assert row.participant_type == 2
    assert len(log()) == 1


def test_names_are_escaped(client, root):
    """Nobody runs scripts in an operator's browser by a name, a reason or a conversation."""
    room = ConversationFactory(name=EVIL)
    rows = [AttendeeFactory(conversation=room, display_name=EVIL)]
    rows += [SessionFactory(attendee=rows[0])]
    for name, row in zip(["remove_attendee", "remove_session"], rows, strict=True):
        case = Case(name, "", row, None, None, "")
        for html in (post(client, case), post(client, case, reason="")):
            assert EVIL not in html.content.decode()
            assert "&lt;script&gt;" in html.content.decode()
    post(client, Case("lock", "", room, None, None, ""), reason=EVIL)
    history = reverse("admin:talk_calls_conversation_history", args=[room.pk])
    for path in (history, changelist(Conversation), reverse("admin:index")):
        assert EVIL not in client.get(path).content.decode()
    assert "&lt;script&gt;" in client.get(history).content.decode()


def test_wrong_keys_are_no_errors(client, root):
    """Nothing selected, or something that is no action, changes nothing."""
    room = ConversationFactory()
    case = Case("lock", "", room, None, None, "")
    for data in ({"_selected_action": []}, {"action": "no_such"}, {"_selected_action": ["999999"]}):
        assert post(client, case, reason=REASON, **data).status_code in {200, 302}
    room.refresh_from_db()
    assert room.read_only == 0


def test_promoted_guest_in_a_session_list(client, root):
    """A guest with a session shows where they are, and never the session id."""
    guest = GuestFactory(display_name="Gina")
    permissions.promote(attendee=guest, performed_by=None, now=timezone.now())
    session = in_call(guest)
    for path in (changelist(Session), page_of(session), changelist(Attendee), page_of(guest)):
        html = client.get(path).content.decode()
        assert "Gina" in html
        assert session.session_id not in html


@pytest.mark.parametrize(
    ("presence", "shown"),
    [("call", ["in"]), ("present", ["in", "out"]), ("gone", ["gone"]), ("", ["gone", "in", "out"])],
)
def test_filter_by_liveness(client, root, presence, shown):
    """Sessions can be filtered by in call, online and expired."""
    in_call(AttendeeFactory(display_name="in"))
    SessionFactory(attendee__display_name="out")
    old = timezone.now() - timedelta(seconds=101)
    SessionFactory(attendee__display_name="gone", last_ping=old)
    answer = client.get(changelist(Session), {"presence": presence} if presence else {})
    rows = answer.context["cl"].result_list
    assert sorted(session.attendee.display_name for session in rows) == shown


def test_where_is_alice(client, root):
    """The list of attendees finds people by account, name and conversation."""
    alice = UserFactory(username="alice")
    rooms = [ConversationFactory(name=name) for name in ("Weekly", "Board")]
    here = [AttendeeFactory(user=alice, conversation=room, display_name="A.") for room in rooms]
    AttendeeFactory(conversation=rooms[0], display_name="Bob")
    in_call(here[1])

    def found(**query):
        return {row.pk for row in client.get(changelist(Attendee), query).context["cl"].result_list}

    assert found(q="alice") == {row.pk for row in here}
    assert found(q="alice board") == {here[1].pk}
    assert found(conversation__id__exact=rooms[0].pk, q="a.") == {here[0].pk}
    assert len(found(q="bob")) == 1
    assert AppPassword.objects.count() == 0
