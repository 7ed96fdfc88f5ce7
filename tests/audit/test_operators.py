"""What operators do in the admin and by commands is recorded, and how they read the trail."""

import getpass
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from talk_calls.models import AppPassword, AuditEntry, Ban, Conversation
from talk_calls.reports import audit as reports
from talk_calls.services import audit_context, conversations, participants
from talk_calls.services.app_passwords import create as create_app_password
from tests.admin.test_actions import CASES, REASON, may, post
from tests.audit.entries import clear, trail
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

#: What each action of the admin is called in the trail.
ACTIONS = {
    "end_call": "call_ended",
    "lock": "locked",
    "unlock": "unlocked",
    "lobby_on": "lobby_raised",
    "lobby_off": "lobby_lowered",
    "promote": "promoted",
    "demote": "demoted",
    "remove_attendee": "attendee_removed",
    "ban_attendee": "banned",
    "lift_ban": "ban_lifted",
    "remove_session": "session_removed",
    "revoke": "app_password_revoked",
}
LIST = "admin:talk_calls_auditentry_changelist"


@pytest.fixture
def root(client):
    user = UserFactory(username="root", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def room():
    return ConversationFactory()


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_actions_of_the_admin(client, root, make):
    """Each action is an entry with the operator and the reason."""
    case = make()
    clear()
    post(client, case, reason=REASON)
    assert case.done()
    entry = AuditEntry.objects.order_by("pk").first()
    assert (entry.action, entry.source) == (ACTIONS[case.name], "admin")
    assert (entry.actor_user, entry.actor_id, entry.reason) == (root, "root", REASON)


def test_refused_in_the_admin(client, root):
    """Without a reason, and where the service refuses, nothing is recorded."""
    room = ConversationFactory(type=1)
    page = reverse("admin:talk_calls_conversation_changelist")
    data = {"action": "lock", "_selected_action": [room.pk]}
    client.post(page, data)
    client.post(page, {**data, "confirmed": "yes", "reason": REASON})
    assert trail() == []


def test_forms_of_the_admin(client, root, room):
    """Editing and deleting a conversation, and making an app password, are entries as well."""
    page = reverse("admin:talk_calls_conversation_change", args=[room.pk])
    client.post(page, {"name": "New", "description": "", "listable": 0})
    client.post(reverse("admin:talk_calls_conversation_delete", args=[room.pk]), {"post": "yes"})
    assert not Conversation.objects.exists()
    bob = UserFactory(username="bob")
    client.post(reverse("admin:talk_calls_apppassword_add"), {"user": bob.pk, "name": "phone"})
    assert trail() == [
        ("renamed", "admin", "root", "", ""),
        ("conversation_deleted", "admin", "root", "", ""),
        ("app_password_created", "admin", "root", "bob", ""),
    ]


def test_own_app_passwords(client):
    """Who revokes one on the page of the account does it from there."""
    bob = UserFactory(username="bob")
    made, _ = create_app_password(user=bob, name="phone")
    clear()
    client.force_login(bob)
    client.post(reverse("talk_accounts:revoke", args=[made.pk]))
    assert not AppPassword.objects.exists()
    assert trail() == [("app_password_revoked", "account", "bob", "bob", "")]


def test_commands(room, run, monkeypatch):
    """Each is an entry with the account of the operating system and the reason."""
    monkeypatch.setattr(getpass, "getuser", lambda: "wheel")
    UserFactory(username="bob")
    token, why = room.token, ("--reason", "Asked")
    run("talk_attendee", "add", token, "bob", *why)
    run("talk_attendee", "promote", token, "bob", *why)
    run("talk_attendee", "demote", token, "bob", *why)
    attendee = room.attendees.get()
    SessionFactory(attendee=attendee)
    run("talk_ban", "add", token, "--user", "bob", *why)
    run("talk_ban", "remove", token, str(Ban.objects.get().pk), *why)
    run("talk_conversation", "update", token, "--readonly", "1", "--name", "New", *why)
    run("talk_conversation", "delete", token, "--yes", *why)
    run("talk_app_password", "bob", *why)
    done = [
        ("attendee_added", "bob"),
        ("promoted", "bob"),
        ("demoted", "bob"),
        ("banned", "bob"),
        ("attendee_removed", "bob"),
        ("ban_lifted", "bob"),
        ("renamed", ""),
        ("locked", ""),
        ("conversation_deleted", ""),
        ("app_password_created", "bob"),
    ]
    assert trail() == [(action, "command", "wheel", whom, "Asked") for action, whom in done]


def test_end_call(room, run):
    """Ending a call by the command; without one, nothing is recorded."""
    with pytest.raises(CommandError):
        run("talk_end_call", room.token)
    assert trail() == []


def test_account_without_a_name(room, run, monkeypatch):
    """In a container the account may be a number alone."""

    def nobody():
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.setattr("os.getuid", lambda: 10001)
    run("talk_conversation", "update", room.token, "--readonly", "1")
    assert trail() == [("locked", "command", "10001", "", "")]


def test_reason_that_is_no_text(room, run, monkeypatch):
    """Bytes of a terminal with another encoding, and a name without end, are stored as they can."""
    monkeypatch.setattr(getpass, "getuser", lambda: "x" * 300)
    run("talk_conversation", "update", room.token, "--readonly", "1", "--reason", "Fr\udce4ulein")
    assert trail() == [("locked", "command", "x" * 255, "", "Frulein")]


@pytest.fixture
def past(room):
    """Return two entries: an old one of another conversation, and one of ``room``."""
    bob = AttendeeFactory(conversation=room, user__username="bob", display_name="Bob")
    by = participants.operator(UserFactory(username="olga"))
    old = ConversationFactory(name="Old")
    long_ago = timezone.now() - timedelta(days=30)
    conversations.set_read_only(conversation=old, state=1, performed_by=by, now=long_ago)
    AuditEntry._base_manager.all().update(at=long_ago)
    with audit_context.acting_from("admin", reason="Shouts"):
        participants.remove(attendee=bob, performed_by=by)
    return AuditEntry.objects.first(), AuditEntry.objects.last()


def test_json(room, past, run):
    """Everything of an entry, by the names of the enumerations."""
    new, _ = past
    with translation.override("de"):
        first, second = run("talk_audit", "--json")["list"]
    assert first == {
        "id": new.pk,
        "at": json.loads(json.dumps(first["at"])),
        "action": "attendee_removed",
        "source": "admin",
        "conversation": {"id": room.pk, "token": room.token, "name": "Weekly"},
        "actor": {"type": "users", "id": "olga", "name": "olga"},
        "target": {"type": "users", "id": "bob", "name": "Bob"},
        "reason": "Shouts",
        "details": {},
    }
    assert second["details"] == {"read_only": {"before": 0, "after": 1}}
    assert second["target"] is None


def test_options(room, past, run):
    """By conversation, also a deleted one, by time and by action; and not more than the limit."""
    token = room.token
    conversations.delete(conversation=room)
    assert len(run("talk_audit", "--conversation", token, "--json")["list"]) == 2
    assert len(run("talk_audit", "--since", "7d", "--json")["list"]) == 2
    assert len(run("talk_audit", "--action", "locked", "--json")["list"]) == 1
    lines = run("talk_audit", "--limit", "1")
    assert lines[-1] == "And 2 more; --limit N shows more."
    assert run("talk_audit", "--conversation", "nothing") == ["No entries."]
    with pytest.raises(CommandError):
        call_command("talk_audit", "--action", "nothing")


def test_list(client, root, room, past):
    """The list names everybody, and has filters, a search and a link from the conversation."""
    page = reverse(LIST)
    html = client.get(page).content.decode()
    for text in ("Attendee removed", "Bob", "olga", "Weekly", "Shouts", "Old"):
        assert text in html
    for query, count in [
        ({"action__exact": "locked"}, 1),
        ({"source__exact": "admin"}, 1),
        ({"conversation_pk__exact": room.pk}, 1),
        ({"q": "Weekly"}, 1),
        ({"q": room.token}, 1),
        ({"at__year": timezone.now().year}, 2),
        ({"q": "nothing"}, 0),
    ]:
        assert client.get(page, query).context["cl"].result_count == count, query
    change = client.get(reverse("admin:talk_calls_conversation_change", args=[room.pk]))
    assert f"{page}?conversation_pk__exact={room.pk}" in change.content.decode()


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({}, ""),
        ({"read_only": {"before": 0, "after": 1}}, ""),
        ({"name": {"before": "Weekly", "after": "Daily"}}, "name: Weekly → Daily"),
        ({"listable": {"before": 0, "after": 2}}, "found by: Participants only → Every account"),
        (
            {
                "lobby_state": {"before": 0, "after": 1},
                "lobby_timer": {"before": None, "after": "2026-11-30T12:00:00+00:00"},
            },
            "lobby until: – → 2026-11-30 12:00:00 UTC",
        ),
        ({"permissions": {"before": 0, "after": 5}}, "permissions: default → join calls"),
        ({"everybody": {"add": 5}}, "permissions of everybody: Add: join calls"),
        ({"client": "phone"}, "app: phone"),
        ({"ban": 7}, "number of the ban: 7"),
    ],
)
def test_details(details, text):
    """Values are words and times of people, and what the action says already is left out."""
    with timezone.override("UTC"):
        assert reports.details_text(AuditEntry(details=details)) == text


def test_list_in_german(client, root, past):
    """Actions and sources are translated."""
    with translation.override("de"):
        html = client.get(reverse(LIST)).content.decode()
    assert "Teilnehmer entfernt" in html


def test_nobody_edits_it(client, root, past):
    """Not even who may do everything."""
    entry, _ = past
    assert client.get(reverse("admin:talk_calls_auditentry_add")).status_code == 403
    page = reverse("admin:talk_calls_auditentry_change", args=[entry.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "x"}).status_code == 403
    gone = reverse("admin:talk_calls_auditentry_delete", args=[entry.pk])
    assert client.post(gone, {"post": "yes"}).status_code == 403
    client.post(reverse(LIST), {"action": "delete_selected", "_selected_action": [entry.pk]})
    assert AuditEntry.objects.count() == 2


def test_permission(client, past, room):
    """Only who has the permission sees it, and the link to it."""
    staff = UserFactory(is_staff=True)
    may(staff, "view_conversation")
    client.force_login(staff)
    assert client.get(reverse(LIST)).status_code == 403
    page = reverse("admin:talk_calls_conversation_change", args=[room.pk])
    assert reverse(LIST) not in client.get(page).content.decode()
    may(staff, "view_auditentry")
    assert client.get(reverse(LIST)).status_code == 200


def test_budget_of_the_list(client, root, past):
    """The list costs the same for any number of entries."""
    room = Conversation.objects.first()

    def cost():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(LIST))
        return len(captured)

    few = cost()
    for number in range(20):
        conversations.rename(conversation=room, name=f"{number}")
    assert cost() <= few <= 8
