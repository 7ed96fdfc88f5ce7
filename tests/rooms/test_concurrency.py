"""Rooms that several requests want at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from talk_calls import rooms
from tests.factories import UserFactory
from tests.projects.models import Project
from tests.rooms.conftest import join, roles

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4


def at_once(*actions) -> list:
    """Start all actions at the same moment, each in a thread; return what they return."""
    barrier = Barrier(len(actions))

    def run(action):
        try:
            barrier.wait(timeout=20)
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_all_get_the_same_room(project_room, alice):
    """Whoever is first makes it; its members are there for all."""
    [project] = Project.objects.bulk_create([Project(name="Launch", lead=alice)])
    found = at_once(*[lambda: rooms.room_for(Project.objects.get(pk=project.pk))] * THREADS)
    assert len(set(found)) == 1
    assert rooms.Conversation.objects.count() == 1
    assert roles(project) == {"alice": 1}


def test_members_that_come_at_once(project_room, alice):
    """Each change compares the whole membership, so none is lost."""
    project = Project.objects.create(name="Launch", lead=alice)
    users = UserFactory.create_batch(THREADS)
    at_once(*[lambda user=user: join(project, user) for user in users])
    assert set(roles(project)) == {"alice", *(user.username for user in users)}
