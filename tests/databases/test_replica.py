"""A site with a replica that never learns anything: no difference to a site without one."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.databases.__main__ import TURNS
from tests.factories import ConversationFactory, SessionFactory
from tests.servers.sites import run_site

pytestmark = pytest.mark.django_db(transaction=True)


def on_the_site(primary: str, replica: str, *doing: object) -> Any:
    """Do something on a site with these databases, in a process of its own."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.databases.replica_settings",
        "SITE_DATABASE": primary,
        "REPLICA_DATABASE": replica,
    }
    return run_site("tests.databases", *doing, timeout=240, **environment)


@pytest.fixture
def copies(tmp_path) -> Iterator:
    """Return a function that copies the database of the test, so often."""
    made: list[str] = []

    def copy(count: int) -> list[str]:
        connection.close()
        names = [f"talk_copy_{secrets.token_hex(4)}" for _ in range(count)]
        if connection.vendor == "sqlite":
            return [_copy_of_a_file(tmp_path / name) for name in names]
        made.extend(names)
        source = connection.settings_dict["NAME"]
        _at_the_server(f'CREATE DATABASE "{name}" TEMPLATE "{source}"' for name in names)
        return names

    yield copy
    _at_the_server(f'DROP DATABASE "{name}" WITH (FORCE)' for name in made)


def _copy_of_a_file(path: Path) -> str:
    source = str(connection.settings_dict["NAME"])
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(path)) as there:
        here.backup(there)
    return str(path)


def _at_the_server(statements: Iterator[str]) -> None:
    for statement in statements:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)


def test_a_day(copies):
    """Whatever people do, they get the same answers, and the replica is asked nothing of ours."""
    on_the_site(str(connection.settings_dict["NAME"]), "", "prepare")
    alone, primary, replica = copies(3)
    without, with_one = on_the_site(alone, "", "story"), on_the_site(primary, replica, "story")
    assert with_one["astray"] == []
    assert dict(with_one["answers"]) == dict(without["answers"])
    assert len(without["answers"]) > 80
    failed = {step: got for step, got in without["answers"] if isinstance(got, int) and got >= 500}
    assert failed == {}


def test_joins_and_leaves_at_once(copies):
    """Nobody stays in a call for ever, and each leg is recorded once."""
    room = ConversationFactory()
    people = [SessionFactory(attendee__conversation=room).pk for _ in range(4)]
    primary, replica = copies(2)
    assert on_the_site(primary, replica, "race", *people) == []
    assert on_the_site(primary, replica, "record") == {
        "legs": len(people) * TURNS,
        "open legs": 0,
        "open calls": 0,
        "in call": 0,
    }
