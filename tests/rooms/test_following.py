"""Rooms of registered models follow their objects."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from talk_calls import rooms
from talk_calls.rooms import objects
from talk_calls.rooms.synchronization import Synchronized, sync_all
from tests.factories import UserFactory
from tests.projects.models import (
    Document,
    Membership,
    Project,
    ProjectOfNow,
    SecretProject,
    Team,
)
from tests.rooms.conftest import join, roles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project(project_room, alice):
    return Project.objects.create(name="Launch", lead=alice)


def test_a_new_object_has_a_room(project):
    """It has the name of the object and the roles that the class says."""
    room = rooms.find_room(project)
    assert room.name == "Launch"
    assert room.linked_object == project
    assert roles(project) == {"alice": 1}


def test_a_new_object_may_have_none_yet(register):
    """Then `room_for` makes it, with its members, and signals keep it in step."""

    @register(Project)
    class Lazy(rooms.ModelRoom):
        create_on_save = False

    project = Project.objects.create(name="Launch")
    assert rooms.find_room(project) is None
    room = rooms.room_for(project)
    project.name = "Landing"
    project.save()
    room.refresh_from_db()
    assert room.name == "Landing"


def test_name_and_lead_follow(project, alice, bob):
    """A saved object gives its room the new name and roles."""
    project.name, project.lead = "Landing", bob
    project.save()
    assert rooms.find_room(project).name == "Landing"
    assert roles(project) == {"bob": 1}


def test_rows_of_members_follow(project, alice, bob):
    """Rows between: saved, changed, moved to another object, deleted."""
    other = Project.objects.create(name="Other")
    row = join(project, bob)
    assert roles(project) == {"alice": 1, "bob": 3}
    row.is_moderator = True
    row.save()
    assert roles(project) == {"alice": 1, "bob": 2}
    row.project = other
    row.save()
    assert (roles(project), roles(other)) == ({"alice": 1}, {"bob": 2})
    row.delete()
    assert roles(other) == {}


def test_relations_follow_from_either_side(project, alice, bob):
    """All ways of a many-to-many field, which send no signal of the rows between."""
    project.members.add(bob)
    assert "bob" in roles(project)
    bob.projects.clear()
    assert "bob" not in roles(project)
    bob.projects.set([project])
    assert "bob" in roles(project)
    bob.projects.remove(project)
    assert "bob" not in roles(project)
    project.members.set([bob])
    project.members.clear()
    assert "bob" not in roles(project)


def test_relations_of_relations_follow(project, bob):
    """The people of a team come into the rooms of its projects."""
    team = Team.objects.create(name="Red")
    project.team = team
    project.save()
    team.people.add(bob)
    assert "bob" in roles(project)
    bob.teams.clear()
    assert "bob" not in roles(project)
    bob.teams.add(team)
    assert "bob" in roles(project)
    team.delete()
    project.refresh_from_db()
    rooms.sync_object(project)
    assert "bob" not in roles(project)


def test_what_a_foreign_key_leads_to_is_followed(register, bob):
    """A change of the team itself may change who belongs to its projects."""

    @register(Project)
    class Everybody(rooms.ModelRoom):
        follow = ("team",)

        def members(self, obj):
            return [bob] if obj.team and obj.team.name == "Red" else []

    team = Team.objects.create(name="Blue")
    project = Project.objects.create(name="Launch", team=team)
    team.name = "Red"
    team.save()
    assert roles(project) == {"bob": 3}


def test_a_transaction_synchronizes_once(project, monkeypatch):
    """Many changes of an object are one update, after the commit; a rollback is none."""
    updates = []
    update = objects.update
    monkeypatch.setattr(objects, "update", lambda *given: updates.append(given) or update(*given))
    users = UserFactory.create_batch(5)
    with transaction.atomic():
        for user in users:
            join(project, user)
        assert updates == []
    assert len(updates) == 1
    assert len(roles(project)) == 6
    with transaction.atomic():
        join(project, UserFactory())
        transaction.set_rollback(True)
    assert len(updates) == 1


def test_a_savepoint_that_was_rolled_back(project, bob):
    """What stays of the transaction is followed, whatever was undone after it."""
    with transaction.atomic():
        join(project, bob)
        with transaction.atomic():
            join(project, UserFactory())
            transaction.set_rollback(True)
    assert set(roles(project)) == {"alice", "bob"}


@pytest.mark.parametrize(("choice", "stays"), [("DELETE", False), ("KEEP", True)])
def test_a_deleted_object(register, alice, choice, stays):
    """Its room is deleted, or goes on by itself."""

    @register(Project)
    class ProjectRoom(rooms.ModelRoom):
        on_delete = rooms.OnDelete[choice]

        def members(self, obj):
            return [alice]

    project = Project.objects.create(name="Launch")
    room = rooms.find_room(project)
    project.delete()
    kept = rooms.Conversation.objects.filter(pk=room.pk).first()
    assert (kept is not None) is stays
    if kept:
        assert not kept.is_linked
        assert kept.attendees.get().user == alice


def test_objects_that_are_deleted_in_bulk(project):
    """Django sends the same signal for them."""
    Project.objects.all().delete()
    assert not rooms.Conversation.objects.exists()


@pytest.mark.parametrize("model", [SecretProject, ProjectOfNow])
def test_models_that_inherit(project_room, alice, bob, model):
    """Their objects have the same room, whichever class they are loaded as."""
    heir = model.objects.create(name="Heir", lead=alice)
    base = Project.objects.get(pk=heir.pk)
    assert rooms.room_for(heir) == rooms.room_for(base)
    heir.lead = bob
    heir.save()
    assert roles(base) == {"bob": 1}
    heir.delete()
    assert not rooms.Conversation.objects.exists()


def test_an_error_in_a_class_does_not_undo_what_the_site_saved(register, caplog):
    """It is logged, and the room stays as it was."""

    @register(Project)
    class Broken(rooms.ModelRoom):
        def members(self, obj):
            raise ZeroDivisionError

    project = Project.objects.create(name="Launch")
    assert Project.objects.get() == project
    assert rooms.find_room(project) is None
    assert "rooms.update.projects.Project" in caplog.text


def test_one_class_for_a_model(project_room):
    """A second one is a mistake of the site."""
    with pytest.raises(ImproperlyConfigured, match=r"projects\.Project"):
        rooms.register(Project)(project_room)


def test_nothing_is_followed_after_unregistering(project, bob):
    """The room stays, with what it had."""
    rooms.unregister(Project)
    join(project, bob)
    project.delete()
    assert rooms.Conversation.objects.get().attendees.count() == 1
    rooms.register(Project)(rooms.ModelRoom)  # for the fixture


def test_sync_object(project, bob):
    """Bulk changes send no signals; the site says so."""
    Membership.objects.bulk_create([Membership(project=project, user=bob)])
    assert "bob" not in roles(project)
    assert rooms.sync_object(project)
    assert "bob" in roles(project)
    assert not rooms.sync_object(project)
    with pytest.raises(LookupError):
        rooms.sync_object(Document.objects.create())


def test_sync_all(project, alice, bob):
    """All rooms at once: for objects that were there before, and that are gone."""
    new = Project(name="Before")
    Project.objects.bulk_create([new])
    gone = rooms.find_room(Project.objects.create(name="Gone"))
    Project.objects.filter(name="Gone")._raw_delete("default")
    Membership.objects.bulk_create([Membership(project=project, user=bob)])
    steps = []
    counts = sync_all(progress=lambda done, total: steps.append((done, total)))
    assert counts == {"projects.Project": Synchronized(created=1, changed=1, removed=1)}
    assert steps == [(0, 2), (1, 2), (2, 2)]
    assert rooms.find_room(new).name == "Before"
    assert not rooms.Conversation.objects.filter(pk=gone.pk).exists()
    assert sync_all() == {"projects.Project": Synchronized(unchanged=2)}
