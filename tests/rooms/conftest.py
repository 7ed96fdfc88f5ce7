"""Projects with rooms, whose classes are registered for one test."""

import pytest

from talk_calls import rooms
from tests.factories import UserFactory
from tests.projects.models import Membership, Project


@pytest.fixture
def register():
    """Return ``rooms.register``, which is undone after the test."""
    made = []

    def register(model):
        def add(definition):
            rooms.register(model)(definition)
            made.append(model)
            return definition

        return add

    yield register
    for model in made:
        rooms.unregister(model)


@pytest.fixture
def project_room(register):
    """Register rooms of projects, which follow members, team and watchers."""

    @register(Project)
    class ProjectRoom(rooms.ModelRoom):
        follow = ("members", "team__people")

        def members(self, obj):
            yield from obj.members.all()
            if obj.team:
                yield from obj.team.people.all()

        def moderators(self, obj):
            return [each.user for each in obj.membership_set.filter(is_moderator=True)]

        def owners(self, obj):
            return [obj.lead]

    return ProjectRoom


@pytest.fixture
def alice(db):
    return UserFactory(username="alice")


@pytest.fixture
def bob(db):
    return UserFactory(username="bob")


def roles(obj) -> dict[str, int]:
    """Return the roles in the room of an object by user name."""
    room = rooms.find_room(obj)
    rows = room.attendees.exclude(user=None)
    return dict(rows.values_list("user__username", "participant_type"))


def join(project, user, **kwargs) -> Membership:
    return Membership.objects.create(project=project, user=user, **kwargs)
