"""Queries that are compiled once answer as their querysets do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, models
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.db.compiled import (
    MAX_SHAPES,
    NOW,
    CompiledQuery,
    CompiledUpdate,
    Param,
)
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import statements
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory

TOKEN = Param("token", Conversation._meta.get_field("token"))


@pytest.fixture
def compilations(monkeypatch):
    """Count how often Django builds SQL of a SELECT."""
    from django.db.models.sql.compiler import SQLCompiler

    counted = []
    compiled = SQLCompiler.as_sql
    monkeypatch.setattr(
        SQLCompiler, "as_sql", lambda self, *a, **k: counted.append(1) or compiled(self, *a, **k)
    )
    return counted


@pytest.mark.django_db
def test_rows_are_those_of_the_queryset(compilations):
    """Instances with their relations, and with the annotations of the queryset."""
    query = CompiledQuery(
        lambda: (
            Attendee.objects.select_related("conversation", "user")
            .filter(conversation__token=TOKEN)
            .annotate(where=F("conversation__token"))
        )
    )
    first, second = AttendeeFactory(), AttendeeFactory()
    found = [query.rows(token=row.conversation.token) for row in (first, second, first)]
    with CaptureQueriesContext(connection) as asked:
        seen = [
            (row, row.where, row.conversation.name, row.user.username, row.created_at)
            for (row,) in found
        ]
    assert not asked.captured_queries, "everything was loaded with the row"
    assert seen == [
        (row, row.conversation.token, row.conversation.name, row.user.username, row.created_at)
        for row in (first, second, first)
    ]
    assert len(compilations) == 1
    assert query.first(token="nobody's") is None


@pytest.mark.django_db
def test_values_are_dicts():
    """A queryset of ``values()`` gives dicts, in its order."""
    query = CompiledQuery(lambda: Conversation.objects.order_by("-token").values("token", "name"))
    ConversationFactory(token="aaaa", name="A")
    ConversationFactory(token="bbbb", name="B")
    assert query.rows() == [{"token": "bbbb", "name": "B"}, {"token": "aaaa", "name": "A"}]


@pytest.mark.django_db
def test_a_moved_time_is_computed_before_the_database():
    """``NOW - timeout`` is one value for the database."""
    query = CompiledQuery(
        lambda: Session.objects.filter(last_ping__gt=NOW - timedelta(5) - timedelta(seconds=1))
    )
    now = timezone.now()
    young = SessionFactory(last_ping=now - timedelta(5))
    SessionFactory(last_ping=now - timedelta(5, seconds=1))
    assert query.rows(now=now) == [young]


def test_arithmetic_with_columns_stays_the_databases():
    """Only a ``timedelta`` moves a parameter."""
    assert isinstance(NOW - F("last_ping"), models.expressions.CombinedExpression)


@pytest.mark.django_db
def test_each_shape_has_its_own_sql_and_few_are_kept(compilations):
    """A list of another length is another statement; old ones go when there are too many."""
    field = Conversation._meta.get_field("token")
    query = CompiledQuery(
        lambda count: Conversation.objects.filter(token__in=Param.many("tokens", field, count))
    )
    rooms = [ConversationFactory() for _ in range(3)]
    for count in (1, 3, 2, 3):
        tokens = [room.token for room in rooms[:count]]
        assert set(query.rows(count, tokens=tokens)) == set(rooms[:count])
    assert len(compilations) == 3
    for count in range(1, 2 * MAX_SHAPES):
        query.rows(count, tokens=["none"] * count)
    assert len(query._compiled) <= MAX_SHAPES


@pytest.mark.django_db
def test_update_changes_and_counts():
    """An update takes values and other columns, and returns how many rows it changed."""
    rename = CompiledUpdate(
        lambda: Conversation.objects.filter(token=TOKEN),
        name=Param("name", Conversation._meta.get_field("name")),
        description=F("name"),
    )
    room, other = ConversationFactory(name="before"), ConversationFactory(name="other")
    assert rename.run(token=room.token, name="after") == 1
    assert rename.run(token="nobody's", name="after") == 0
    room.refresh_from_db()
    other.refresh_from_db()
    assert (room.name, room.description, other.name) == ("after", "before", "other")


@pytest.mark.django_db
def test_a_changed_setting_is_seen(settings):
    """Settings that are part of the SQL may change, in tests."""
    now = timezone.now()
    query = CompiledQuery(lambda: Session.objects.live_in_call(NOW))
    session = SessionFactory(in_call=7, last_ping=now - timedelta(seconds=40))
    assert query.rows(now=now) == []
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 60}
    assert query.rows(now=now) == [session]


@pytest.mark.django_db(transaction=True)
def test_threads_share_it():
    """What one thread compiled another runs on its own connection, with its own values."""
    query = CompiledQuery(lambda: Conversation.objects.filter(token=TOKEN))
    rooms = {ConversationFactory().token for _ in range(8)}

    def ask(token: str) -> set[str]:
        try:
            return {row.token for _ in range(20) for row in query.rows(token=token)}
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, rooms)) == [{token} for token in rooms]


def test_compiling_leaves_the_kept_queryset_alone():
    """Other threads may be copying it at this moment, as when a process has just started."""
    query = CompiledQuery(statements._state)
    kept = query._queryset((False,)).query
    before = {name: dict(getattr(kept, name)) for name in ("alias_map", "alias_refcount")}
    query._on("default", (False,))
    assert {name: getattr(kept, name) for name in before} == before
