"""The admin: operators look at everything and change almost nothing."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from talk_calls.constants import LegReason
from talk_calls.models import (
    AppPassword,
    Attendee,
    AuditEntry,
    Ban,
    Call,
    CallLeg,
    Conversation,
    LiveCall,
    Session,
    WebhookDelivery,
    WebhookEndpoint,
)
from talk_calls.services import app_passwords, calls
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.ocs_client import OCSClient
from tests.webhook_rows import make_deliveries, make_endpoint

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('&')</script>"
MODELS = [
    *(AppPassword, Attendee, AuditEntry, Ban, Call, Conversation, Session),
    *(WebhookDelivery, WebhookEndpoint),
]
#: What Django deletes in the admin; all others are history, or have an action that deletes them.
DELETABLE = [Conversation]
#: All lists; that of live calls leads to the pages of calls.
LISTS = [*MODELS, LiveCall]


@pytest.fixture
def operator(client) -> Client:
    """Return the browser of a superuser."""
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    return client


def url(model, page: str, *args) -> str:
    return reverse(f"admin:talk_calls_{model._meta.model_name}_{page}", args=args)


def call_of(people: int, *, name: str = "Weekly") -> Conversation:
    """Return a conversation with a call of so many users and guests, one of whom has left."""
    room = ConversationFactory(name=name)
    for number in range(people):
        attendee = AttendeeFactory(conversation=room, display_name=name)
        guest = GuestFactory(conversation=room, display_name=name)
        for each in (attendee, guest):
            session = SessionFactory(attendee=each)
            calls.join(session=session, flags=7, now=timezone.now())
        if number == 0:
            calls.leave(session=session, now=timezone.now())
        app_passwords.create(user=attendee.user, name=name)
        Ban.objects.create(
            conversation=room, actor_type="users", user=UserFactory(), display_name=name
        )
    endpoint = make_endpoint(f"{name} {room.pk}", url="https://billing.example")
    make_deliveries(endpoint, people, error=name)
    AuditEntry.objects.create(
        at=timezone.now(),
        action="locked",
        source="api",
        conversation_pk=room.pk,
        conversation_name=name,
        actor_name=name,
        target_name=name,
        reason=name,
        details={"name": {"before": name, "after": name}},
    )
    return room


def statements(operator, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = operator.get(path)
    assert answer.status_code == 200
    return len(captured)


def test_what_is_shown():
    """Everything that operators look for has pages; the rest stands inside of them."""
    ours = [model for model in admin.site._registry if model._meta.app_label == "talk_calls"]
    assert sorted(model.__name__ for model in ours) == sorted(m.__name__ for m in LISTS)


@pytest.mark.parametrize("model", LISTS)
def test_changelist_costs_the_same_for_any_number_of_rows(operator, model):
    """No column asks the database row by row."""
    path = url(model, "changelist")
    assert operator.get(path).status_code == 200
    for _ in range(2):
        call_of(1)
    few = statements(operator, path)
    for _ in range(10):
        call_of(3)
    assert statements(operator, path) == few


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.parametrize("query", ["q=week", "q=%00", "q=%3Cscript%3E", "o=1.2.3", "o=-4", "o=-5"])
def test_changelist_can_be_searched_and_sorted(operator, model, query):
    """Every column and every search works."""
    call_of(1, name=EVIL)
    answer = operator.get(f"{url(model, 'changelist')}?{query}", follow=True)
    assert answer.status_code == 200
    assert EVIL not in answer.content.decode()


@pytest.mark.parametrize("model", [Call, Conversation])
def test_page_costs_the_same_for_any_number_of_people(operator, model):
    """Attendees, sessions and legs come with one statement each."""
    operator.get(url(model, "changelist"))  # Django learns its content types once
    empty = ConversationFactory()
    call = Call.objects.create(conversation=empty, started_at=timezone.now())
    page = url(model, "change", (empty if model is Conversation else call).pk)
    assert operator.get(page).status_code == 200
    counts = []
    for people in (1, 2, 10):
        room = call_of(people)
        row = room if model is Conversation else room.calls.get()
        counts.append(statements(operator, url(model, "change", row.pk)))
    assert counts == [counts[0]] * 3


@pytest.mark.parametrize("model", MODELS)
def test_names_are_escaped(operator, model):
    """Nobody runs scripts in an operator's browser by a name (CVE-2021-39222)."""
    room = call_of(2, name=EVIL)
    row = room if model is Conversation else model.objects.first()
    pages = [url(model, "changelist"), url(model, "change", row.pk)]
    pages += [url(model, "delete", row.pk)] if model in DELETABLE else []
    for page in pages:
        html = operator.get(page).content.decode()
        assert EVIL not in html
        assert "&lt;script&gt;" in html


def test_conversation_page_shows_present_sessions(operator):
    """Present sessions are listed with whether they count; expired ones are not."""
    room = call_of(1)
    live = Session.objects.get(in_call=7)
    timed_out, expired = (SessionFactory(attendee__conversation=room, in_call=7) for _ in range(2))
    for session, age in ((timed_out, 31), (expired, 101)):
        ping = timezone.now() - timedelta(seconds=age)
        Session.objects.filter(pk=session.pk).update(last_ping=ping)
    html = operator.get(url(Conversation, "change", room.pk)).content.decode()
    shown = [str(session) in html for session in (live, timed_out, expired)]
    assert shown == [True, True, False]
    assert live.session_id not in html


def test_changelist_shows_calls_that_are_live(operator):
    """A call in which all sessions timed out is not shown as running (design truth 1)."""
    call_of(1)
    html = operator.get(url(Conversation, "changelist")).content.decode()
    assert 'field-in_call">running<' in html
    Session.objects.update(last_ping=timezone.now() - timedelta(seconds=31))
    html = operator.get(url(Conversation, "changelist")).content.decode()
    assert 'field-in_call">running<' not in html


@pytest.mark.parametrize("model", LISTS)
def test_no_normal_state_is_a_red_cross(operator, model):
    """Django's icons say yes and no in green and red, whatever is good."""
    call_of(1)
    html = operator.get(url(model, "changelist")).content.decode()
    assert "icon-no" not in html
    assert "icon-yes" not in html


def test_words_for_what_is_not_normal(operator):
    """A list says what is locked and where the lobby is up, and nothing about all others."""
    room = ConversationFactory(name="Plain")
    ConversationFactory(name="Locked", read_only=1)
    ConversationFactory(name="Waiting", lobby_state=1)
    over = timezone.now() - timedelta(minutes=1)
    ConversationFactory(name="Over", lobby_state=1, lobby_timer=over)

    def shown(query: str = "") -> dict[str, tuple[str, str]]:
        html = operator.get(f"{url(Conversation, 'changelist')}{query}").content.decode()
        rows = re.findall(
            r'field-label"><a[^>]*>(.*?)</a>.*?field-lock">(.*?)</td>.*?field-lobby">(.*?)</td>',
            html,
            re.DOTALL,
        )
        return {name: (lock, lobby) for name, lock, lobby in rows}

    empty = "–"
    assert shown() == {
        "Plain": (empty, empty),
        "Locked": ("locked", empty),
        "Waiting": (empty, "up"),
        "Over": (empty, empty),
    }
    assert set(shown("?locked=1")) == {"Locked"}
    assert set(shown("?locked=0")) == {"Plain", "Waiting", "Over"}
    assert set(shown("?lobby=1")) == {"Waiting"}
    assert set(shown("?lobby=0")) == {"Plain", "Locked", "Over"}
    html = operator.get(url(Conversation, "change", room.pk)).content.decode()
    assert "not locked" in html


def test_calls_are_history(operator):
    """Nobody adds or changes what happened."""
    call = call_of(1).calls.get()
    before = Call.objects.values().get()
    assert operator.get(url(Call, "add")).status_code == 403
    answer = operator.post(url(Call, "change", call.pk), {"conversation_name": "x", "flags": "1"})
    assert answer.status_code == 403
    assert Call.objects.values().get() == before


def test_only_words_of_a_conversation_can_be_changed(operator):
    """What was agreed inside is not typed in outside: type, lock and lobby stay."""
    room = call_of(1)
    assert operator.get(url(Conversation, "add")).status_code == 403
    page = url(Conversation, "change", room.pk)
    data = {
        **{"name": "New name", "description": "New words", "listable": "0"},
        **{"token": "hacked", "type": "1", "read_only": "1", "lobby_state": "1"},
        **{f"{part}-TOTAL_FORMS": "0" for part in ("attendees", "sessions")},
        **{f"{part}-INITIAL_FORMS": "0" for part in ("attendees", "sessions")},
    }
    answer = operator.post(page, data)
    assert answer.status_code == 302, answer.context["errors"]
    found = Conversation.objects.values("name", "description", "token", "type", "read_only")
    assert found.get() == {
        "name": "New name",
        "description": "New words",
        "token": room.token,
        "type": 3,
        "read_only": 0,
    }
    assert Attendee.objects.count() == 2
    assert Session.objects.count() == 2


@pytest.mark.parametrize("way", ["page", "action"])
def test_deleting_a_conversation_ends_its_call(operator, way):
    """The call ends for that reason before the rows go, and its history stays."""
    room = call_of(2)
    other = call_of(1)
    if way == "page":
        answer = operator.post(url(Conversation, "delete", room.pk), {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": [room.pk], "post": "yes"}
        answer = operator.post(url(Conversation, "changelist"), data)
    assert answer.status_code == 302
    assert list(Conversation.objects.all()) == [other]
    call = Call.objects.get(conversation=None)
    assert (call.end_reason, call.conversation_name) == (LegReason.CONVERSATION_DELETED, "Weekly")
    reasons = sorted(call.legs.values_list("reason", flat=True))
    assert reasons == [*[LegReason.CONVERSATION_DELETED] * 3, LegReason.LEFT]
    assert other.calls.get().ended_at is None
    page = operator.get(url(Call, "change", call.pk))
    assert page.status_code == 200


def test_new_app_password_is_shown_once_and_works(operator):
    """The secret stands on the next page, and nowhere after that."""
    alice = UserFactory(username="alice")
    data = {"user": alice.pk, "name": "alice's <phone>"}
    answer = operator.post(url(AppPassword, "add"), data, follow=True)
    html = answer.content.decode()
    (secret,) = set(re.findall(r"\b(?:[A-Z2-9]{5}-){4}[A-Z2-9]{5}\b", html))
    assert "The app password is shown only now: " in html
    assert "<phone>" not in html
    made = AppPassword.objects.get()
    assert (made.user, made.name) == (alice, "alice's <phone>")
    assert OCSClient(username="alice", password=secret).get("room").http == 200
    for page in (url(AppPassword, "changelist"), url(AppPassword, "change", made.pk)):
        assert secret not in operator.get(page).content.decode()


@pytest.mark.parametrize("data", [{"name": "x"}, {"user": "999", "name": "x"}, {"name": "x" * 101}])
def test_app_password_for_nobody(operator, data):
    """A mistake in the form makes no password."""
    answer = operator.post(url(AppPassword, "add"), data)
    assert answer.status_code == 200
    assert not AppPassword.objects.exists()


def test_app_password_cannot_be_given_to_another(operator):
    """There is nothing to change."""
    made, _ = app_passwords.create(user=UserFactory(username="alice"), name="phone")
    page = url(AppPassword, "change", made.pk)
    assert operator.post(page, {"user": operator.session["_auth_user_id"]}).status_code == 403


@pytest.mark.parametrize("model", [AppPassword, Attendee, Session])
def test_an_action_replaces_deleting(operator, model):
    """What is removed is removed with a reason: there is no button, page or action to delete."""
    call_of(1)
    row = model.objects.first()
    page, path = url(model, "change", row.pk), url(model, "delete", row.pk)
    assert path not in operator.get(page).content.decode()
    assert operator.post(path, {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    operator.post(url(model, "changelist"), data)
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.parametrize(("staff", "status"), [(False, 302), (True, 403)])
def test_others_see_nothing(client, model, staff, status):
    """Only staff with the permission gets in."""
    client.force_login(UserFactory(is_staff=staff))
    assert client.get(url(model, "changelist")).status_code == status


@pytest.mark.parametrize("model", MODELS)
def test_staff_who_may_view(client, model):
    """The permission to view allows to see everything, and to change nothing."""
    call_of(1)
    user = UserFactory(is_staff=True)
    may(user, f"talk_calls.view_{model._meta.model_name}")
    client.force_login(user)
    row = model.objects.first()
    assert client.get(url(model, "changelist")).status_code == 200
    assert client.get(url(model, "change", row.pk)).status_code == 200
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_deleting_a_user_in_the_admin_ends_their_part(operator):
    """The site's own page for users closes legs as well."""
    room = call_of(1)
    user = room.attendees.get(user__isnull=False).user
    operator.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"})
    assert not Attendee.objects.filter(user__isnull=False).exists()
    assert not CallLeg.objects.filter(left_at=None).exists()
    assert not Call.objects.filter(ended_at=None).exists()


def may(user, *permissions):
    """Give a user permissions, such as ``auth.delete_user``."""
    for name in permissions:
        app, codename = name.split(".")
        found = Permission.objects.get(content_type__app_label=app, codename=codename)
        user.user_permissions.add(found)


@pytest.mark.parametrize("what", ["user", "conversation"])
def test_staff_may_delete_users_and_conversations(client, what):
    """Staff with the permissions for all dependent rows can delete users and conversations."""
    room = call_of(1)
    user = room.attendees.get(user__isnull=False).user
    staff = UserFactory(is_staff=True)
    client.force_login(staff)
    page = reverse("admin:auth_user_delete", args=[user.pk])
    if what == "conversation":
        page = url(Conversation, "delete", room.pk)
    may(staff, "auth.delete_user", "talk_calls.delete_conversation")
    assert client.post(page, {"post": "yes"}).status_code == 403
    removals = ["remove_attendee", "ban_attendee", "remove_session", "revoke_apppassword"]
    may(staff, *(f"talk_calls.{removal}" for removal in removals))
    assert client.post(page, {"post": "yes"}).status_code == 302
    assert (
        not (user if what == "user" else room)
        ._meta.model.objects.filter(pk=(user if what == "user" else room).pk)
        .exists()
    )


def test_calls_cannot_be_deleted(admin_client):
    """History stays as it was: there is no way to delete a call, and surely none that runs."""
    session = SessionFactory()
    calls.join(session=session, flags=7, now=timezone.now())
    call = Call.objects.get()
    answer = admin_client.post(f"/admin/talk_calls/call/{call.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert Call.objects.get() == call
