"""Names that look like those of others, like nothing, or change the text around them."""

import csv
import io
import json
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.urls import reverse

from talk_calls import models, rooms
from talk_calls.accounts.login import client_name
from talk_calls.exceptions import InvalidValue
from talk_calls.models import AppPassword, Call, CallLeg, Conversation
from talk_calls.services import app_passwords
from talk_calls.webhooks import endpoints
from tests.factories import (
    ConversationFactory,
    OutboxEventFactory,
    UserFactory,
    WebhookEndpointFactory,
)
from tests.people import arrive

pytestmark = pytest.mark.django_db

INVISIBLE = ["", " \t", "\u200b\u00ad", "\u2066\u2069", "\u3164", "\u202e\u200f"]
HEBREW = "\u05d3\u05d5\u05d3"
ISOLATED = f"\u2068{HEBREW}\u2069"
#: A name that was stored before names were cleaned.
OLD = f"\u202e{HEBREW}\u2069 1"
#: What no text that we make may have, except isolates in pairs.
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]")


# Names that nobody sees


@pytest.mark.parametrize("version", ["v1", "v3", "v4"])
@pytest.mark.parametrize("name", INVISIBLE, ids=ascii)
def test_the_api_refuses_them(version, name):
    """Nobody creates or renames a conversation so, and no guest is called so."""
    room = ConversationFactory(name="Tea")
    owner = arrive("owner", room, version=version)
    assert owner.device.post("room", {"roomType": "3", "roomName": name}).http == 400
    assert owner.room("put", "", {"roomName": name}).http == 400
    guest = arrive("guest", room, version="v1")
    path = f"guest/{room.token}/name"
    assert guest.device.post(path, {"displayName": "Ann"}).http == 200
    assert guest.device.post(path, {"displayName": name}).http == 400
    guest.attendee.refresh_from_db()
    assert [each.name for each in Conversation.objects.all()] == ["Tea"]
    assert guest.attendee.display_name == "Ann"


@pytest.mark.parametrize("name", INVISIBLE, ids=ascii)
def test_operators_cannot_give_them(name, admin_client):
    """Admin and commands refuse them as well, for conversations and app passwords."""
    room = ConversationFactory(name="Tea")
    page = reverse("admin:talk_calls_conversation_change", args=[room.pk])
    data = {"name": name, "description": "", "listable": "0"}
    assert "something that can be seen" in admin_client.post(page, data).content.decode()
    user = UserFactory()
    page = reverse("admin:talk_calls_apppassword_add")
    assert admin_client.post(page, {"user": user.pk, "name": name}).status_code == 200
    for arguments in (("create", name), ("update", room.token, "--name", name)):
        with pytest.raises(CommandError):
            call_command("talk_conversation", *arguments)
    with pytest.raises(InvalidValue):
        app_passwords.create(user=user, name=name)
    with pytest.raises(InvalidValue):
        endpoints.create(name=name, url="https://receiver.example/")
    assert [each.name for each in Conversation.objects.all()] == ["Tea"]
    assert not AppPassword.objects.exists()


def test_groups_and_objects_of_the_site():
    """A group without a visible name gives none to a conversation; an object gives its key."""
    owner = arrive("owner", ConversationFactory(), version="v4")
    group = Group.objects.create(name="\u200b\u202e")
    answer = owner.device.post("room", {"roomType": "2", "invite": group.name})
    assert (answer.http, Conversation.objects.count()) == (400, 1)
    made = rooms.room_for(group)
    assert made.name == str(group.pk)


# Names that turn text around


@pytest.mark.parametrize("wire", ["json", "xml"])
def test_nobody_looks_like_somebody_else(wire):
    """What would show "ecila" as "alice" goes, from guests, moderators and accounts alike."""
    room = ConversationFactory()
    owner = arrive("owner", room, version="v4", wire=wire)
    guest = arrive("guest", room, version="v1")
    reversed_name = "\u202eecila\u200b"
    assert guest.device.post(f"guest/{room.token}/name", {"displayName": reversed_name}).http == 200
    user = UserFactory(first_name=reversed_name, last_name="\u2067X")
    assert owner.room("post", "/participants", {"newParticipant": user.username}).http == 200
    listed = {each["displayName"] for each in owner.room("get", "/participants").data}
    assert {"ecila", "ecila X"} <= listed
    assert owner.room("put", "", {"roomName": reversed_name}).http == 200
    assert owner.room("get", "").data["displayName"] == "ecila"


def test_length_is_that_of_the_version():
    """v1 to v3 count bytes, 255 and then 200 (behaviour 6.1, 6.2); v4 counts 255 characters."""
    for version, first, then in (("v1", 127, 100), ("v3", 127, 100), ("v4", 255, 255)):
        owner = arrive("owner", ConversationFactory(), version=version)
        ask = owner.device.post
        assert ask("room", {"roomType": "2", "roomName": "ü" * first}).http == 201
        assert ask("room", {"roomType": "2", "roomName": "ü" * (first + 1)}).http == 400
        assert owner.room("put", "", {"roomName": "ü" * then}).http == 200
        assert owner.room("put", "", {"roomName": "ü" * (then + 1)}).http == 400


def test_length_in_admin_and_commands(admin_client, capsys):
    """Operators may give names of 255 characters, whatever they take in bytes."""
    room = ConversationFactory()
    page = reverse("admin:talk_calls_conversation_change", args=[room.pk])
    data = {"description": "", "listable": "0"}
    for letter, give in (
        ("ü", lambda name: admin_client.post(page, data | {"name": name})),
        ("ö", lambda name: call_command("talk_conversation", "update", room.token, "--name", name)),
    ):
        give(letter * 255)
        room.refresh_from_db()
        assert room.name == letter * 255
    call_command("talk_conversation", "create", "ü" * 255)
    with pytest.raises(CommandError):
        call_command("talk_conversation", "create", "ü" * 256)
    assert admin_client.post(page, data | {"name": "ü" * 256}).status_code == 200


# Names in sentences


@pytest.fixture
def old_names():
    """Everything that has a name, with one from right to left that was never cleaned."""
    room = ConversationFactory(name=OLD)
    owner = arrive("owner", room, version="v4")
    guest = arrive("guest", room, version="v1")
    for person in (owner, guest):
        person.call("post")
    models.Attendee.objects.update(display_name=OLD)
    CallLeg.objects.update(display_name=OLD)
    Call.objects.update(
        conversation_name=OLD, ended_by_type="guests", ended_by_id="x", ended_by_name=OLD
    )
    AppPassword.objects.update(name=OLD)
    who = {"actor_type": "guests", "actor_id": "x", "browser": "x", "display_name": OLD}
    by = {"moderator_type": "guests", "moderator_id": "x", "moderator_name": OLD}
    models.Ban.objects.create(conversation=room, **who, **by)
    named = dict.fromkeys(("conversation_name", "actor_name", "target_name"), OLD)
    # Nobody can change what is audited; this is how rows of before names were cleaned look.
    QuerySet(models.AuditEntry).update(conversation_pk=room.pk, **named)
    endpoint = WebhookEndpointFactory(name=f"{HEBREW} 1")  # there were none before
    event = OutboxEventFactory(conversation_id=room.pk)
    models.WebhookDelivery.objects.create(
        endpoint=endpoint, event=event, conversation_id=room.pk, number=1
    )
    return guest


def test_admin(old_names, admin_client):
    """No page of the admin is turned around, and names stand in isolates or ``<bdi>``."""
    for model in admin.site._registry:
        if model._meta.app_label != "talk_calls":
            continue
        name = f"admin:talk_calls_{model._meta.model_name}"
        paths = [reverse(f"{name}_changelist")]
        paths += [reverse(f"{name}_change", args=[row.pk]) for row in model.objects.all()]
        for path in paths:
            page = admin_client.get(path, follow=True).content.decode()
            assert HEBREW in page, path
            visible = re.sub('value="[^"]*"', "", page)
            assert not DIRECTIONS.search(visible), path
            # Where it stands alone, as in a cell of a table, it disturbs nobody.
            for before, after in re.findall(f"(.?){HEBREW} 1(.?)", visible):
                assert (before, after) in {("\u2068", "\u2069"), (">", "<")}, path


def test_action_of_the_admin(old_names, admin_client):
    """The question, the message after it and the log isolate names."""
    path = reverse("admin:talk_calls_attendee_changelist")
    data = {"action": "promote", "_selected_action": old_names.attendee.pk}
    assert f"{ISOLATED[:-1]} 1\u2069" in admin_client.post(path, data).content.decode()
    data |= {"confirmed": "yes", "reason": "because"}
    assert admin_client.post(path, data).status_code == 302
    history = reverse(
        "admin:talk_calls_conversation_history", args=[old_names.attendee.conversation_id]
    )
    page = admin_client.get(history).content.decode()
    assert f"{ISOLATED[:-1]} 1\u2069 (guest {old_names.attendee.pk})" in page


@pytest.mark.parametrize(
    "command",
    [
        ["talk_call", "{token}"],
        ["talk_history"],
        ["talk_active_calls"],
        ["talk_conversation", "list"],
        ["talk_conversation", "show", "{token}"],
        ["talk_why", "{token}", "--attendee", "{attendee}"],
    ],
    ids=" ".join,
)
def test_commands(old_names, command, capsys):
    """No line of a terminal is turned around."""
    places = {
        "token": old_names.attendee.conversation.token,
        "attendee": old_names.attendee.pk,
    }
    call_command(*[each.format(**places) for each in command])
    text = capsys.readouterr().out
    assert HEBREW in text
    assert not DIRECTIONS.search(text)
    assert len(re.findall(f"\u2068[^\u2068\u2069]*{HEBREW} 1\u2069", text)) == text.count(HEBREW)


def test_mail(old_names, django_capture_on_commit_callbacks):
    """Subject and text of an invitation isolate the name."""
    owner = arrive("owner", old_names.attendee.conversation, version="v4")
    data = {"newParticipant": "ann@example.org", "source": "emails"}
    with django_capture_on_commit_callbacks(execute=True):
        assert owner.room("post", "/participants", data).http == 200
    [message] = mail.outbox
    assert message.subject == f"Invitation: \u2068{HEBREW} 1\u2069"
    assert message.body.startswith(f"\u2068{HEBREW} 1\u2069\n")


def test_pages(client):
    """The call page and the pages for apps have names in ``<bdi>``."""
    user = UserFactory(first_name="\u202eecila", last_name=HEBREW)
    client.force_login(user)
    page = client.get(f"/call/{ConversationFactory().token}").content.decode()
    assert f"<bdi>ecila {HEBREW}</bdi>" in page
    assert page.count('<bdi class="name">') == 4  # tile, list, who waits, bans
    AppPassword.objects.create(user=user, name="\u05d3", digest="x")
    page = client.get(reverse("talk_accounts:app-passwords")).content.decode()
    assert re.search('<bdi id="app-[0-9]+">\u05d3</bdi>', page)


@pytest.mark.parametrize(
    ("agent", "name"), [("\u202eecila\u200b", "ecila"), ("\u200b\u202e", "Unnamed app")], ids=ascii
)
def test_names_of_apps(agent, name, rf):
    """An app's name is cleaned as well, and something of it can be seen."""
    assert client_name(rf.get("/", headers={"User-Agent": agent})) == name


# Guests in the history


def test_guest_without_a_name(admin_client, capsys):
    """A guest without a name is "Guest" for operators, and no hexadecimal number."""
    room = ConversationFactory()
    owner, guest = arrive("owner", room, version="v4"), arrive("guest", room, version="v1")
    guest.call("post")
    [call], key = Call.objects.all(), guest.attendee.actor_id
    call_command("talk_call", room.token)
    call_command("talk_conversation", "show", room.token)
    assert key not in capsys.readouterr().out
    for page in (
        reverse("admin:talk_calls_call_change", args=[call.pk]),
        reverse("admin:talk_calls_conversation_change", args=[room.pk]),
        reverse("admin:talk_calls_attendee_changelist"),
    ):
        text = admin_client.get(page).content.decode()
        assert "Guest" in text
        assert key not in text
    assert _names_in_files(owner, call, admin_client) == {"Guest"}
    guest.call("delete")
    call_command("talk_history", "--json")
    [facts] = json.loads(capsys.readouterr().out)["list"]
    assert facts["ended_by"] == "Guest"
    assert str(CallLeg.objects.get()).startswith("Guest, ")


def test_guest_who_takes_a_name_in_the_call(admin_client, capsys):
    """A name that a guest takes later is in the list of the call, its files and its history."""
    room, other = ConversationFactory(), ConversationFactory()
    owner = arrive("owner", room, version="v4")
    guest, second = (arrive("guest", room, version="v1") for _ in range(2))
    second.call("post")
    second.device.post(f"guest/{room.token}/name", {"displayName": "Ann"})
    second.call("delete")
    guest.call("post")
    guest.device.post(f"guest/{room.token}/name", {"displayName": "Zoë"})
    newest = Call.objects.latest("started_at", "pk")
    assert [each["displayName"] for each in owner.call("get").data] == ["Zoë"]
    assert _names_in_files(owner, newest, admin_client) == {"Zoë"}
    guest.call("delete")
    guest.device.post(f"guest/{room.token}/name", {"displayName": "Zoë B."})
    call_command("talk_call", str(newest.pk), "--json")
    facts = json.loads(capsys.readouterr().out)
    assert (facts["started_by"], facts["ended_by"]) == ("Zoë B.", "Zoë B.")
    assert {event["who"] for event in facts["events"]} == {"Zoë B."}
    assert set(CallLeg.objects.values_list("display_name", flat=True)) == {"Ann", "Zoë B."}
    assert not other.calls.exists()


def _names_in_files(owner, call, admin_client) -> set[str]:
    """Return the names in the files about a call: of the API and of the admin, CSV and JSON."""
    listed = owner.device.get(f"call/{owner.conversation.token}/download").response.content
    legs = admin_client.get(reverse("admin:talk_calls_call_legs_csv", args=[call.pk])).content
    facts = admin_client.get(reverse("admin:talk_calls_call_call_json", args=[call.pk])).json()
    rows = [*csv.DictReader(io.StringIO(listed.decode("utf-8-sig")))]
    rows += csv.DictReader(io.StringIO(legs.decode("utf-8-sig")), fieldnames=["name"])
    return {row["name"] for row in rows} - {"Name"} | {leg["name"] for leg in facts["legs"]}
