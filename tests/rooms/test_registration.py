"""The system check of registered classes, the command, and the admin of rooms."""

import json

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command

from talk_calls import rooms
from talk_calls.rooms.checks import check_rooms
from tests.factories import UserFactory
from tests.projects.models import Booking, Project

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"follow": "members"}, "follow is the text 'members'."),
        ({"follow": ("people",)}, "projects.Project has no relation 'people'."),
        ({"follow": ("name",)}, "projects.Project.name is no foreign key"),
        ({"follow": ("team__gone",)}, "projects.Team has no relation 'gone'."),
        ({"allow": {"outsiders"}}, "allow is {'outsiders'}."),
        ({"on_delete": "delete"}, "on_delete is 'delete'."),
        ({"members": ["alice"]}, "members is no method."),
    ],
)
def test_a_wrong_class_is_reported(register, fields, message):
    """By a sentence and a hint, and the site goes on."""
    register(Project)(type("ProjectRoom", (rooms.ModelRoom,), fields))
    [error] = check_rooms(None)
    assert error.id == "talk_calls.E014"
    assert message in error.msg
    assert error.hint
    Project.objects.create(name="Launch")


def test_a_right_class(project_room):
    assert check_rooms(None) == []


def test_the_check_is_registered():
    from django.core.checks.registry import registry

    assert check_rooms in registry.registered_checks


def manage(*arguments, capsys):
    call_command("talk_sync_rooms", *arguments)
    return capsys.readouterr().out


def test_command(project_room, capsys):
    """It makes the rooms of objects that were there before, and may be repeated."""
    Project.objects.bulk_create([Project(name="A"), Project(name="B")])
    counts = {"model": "projects.Project", "changed": 0, "removed": 0}
    first = json.loads(manage("--json", capsys=capsys))
    again = json.loads(manage("projects.project", "--json", capsys=capsys))
    assert first == [{**counts, "created": 2, "unchanged": 0}]
    assert again == [{**counts, "created": 0, "unchanged": 2}]
    assert "projects.Project" in manage(capsys=capsys)


def test_command_without_classes(capsys):
    assert "No model is registered" in manage(capsys=capsys)


def test_command_with_another_model(project_room):
    with pytest.raises(CommandError, match=r"auth\.User.*\n.*projects\.Project"):
        call_command("talk_sync_rooms", "auth.User")


@pytest.fixture
def operator(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_the_admin_names_the_object(operator):
    """What the object decides cannot be edited, and the page says why."""
    room = rooms.room_for(Project.objects.create(name="Launch"))
    page = f"/admin/talk_calls/conversation/{room.pk}/change/"
    html = operator.get(page).content.decode()
    assert f"projects.project {room.linked_pk}: Launch" in html
    assert 'name="name"' not in html
    operator.post(page, {"name": "Mine", "description": "Mine", "listable": 1})
    room.refresh_from_db()
    assert (room.name, room.description, room.listable) == ("Launch", "", 0)


def test_view_on_site(operator):
    """The admin links the page to call from."""
    room = rooms.room_for(Project.objects.create(name="Launch"))
    html = operator.get(f"/admin/talk_calls/conversation/{room.pk}/change/").content.decode()
    assert "View on site" in html or "viewsitelink" in html


@pytest.mark.parametrize("style", ["autocomplete_fields", "raw_id_fields"])
def test_a_foreign_key_of_the_host(style, operator, rf, admin_user):
    """An admin of the site chooses a conversation, by its search."""
    site = admin.AdminSite("other")
    site.register(rooms.Conversation, type(admin.site.get_model_admin(rooms.Conversation)))
    booking_admin = type("BookingAdmin", (admin.ModelAdmin,), {style: ("room",)})
    site.register(Booking, booking_admin)
    assert booking_admin(Booking, site).check() == []
    form = booking_admin(Booking, admin.site).get_form(_request(rf, admin_user))()
    assert "room" in form.fields
    assert str(form["room"])
    rooms.room_for(Project.objects.create(name="Launch"))
    term = {"term": "Laun", "app_label": "projects", "model_name": "booking", "field_name": "room"}
    admin.site.register(Booking, booking_admin)
    try:
        found = operator.get("/admin/autocomplete/", term).json()["results"]
    finally:
        admin.site.unregister(Booking)
    assert [each["text"] for each in found] == ["Launch"]


def _request(rf, user):
    request = rf.get("/")
    request.user = user
    return request
