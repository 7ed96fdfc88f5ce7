"""Queries that are turned into SQL once and afterwards only run.

Django builds the SQL of a queryset anew each time, which costs several times what PostgreSQL needs
to answer. What every request asks is therefore written as a queryset with a ``Param`` in place of
each value that changes, and compiled when it is first needed.
"""

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.signals import setting_changed
from django.db import models
from django.db.models import sql
from django.db.models.sql.compiler import SQLCompiler

from talk_calls.db import transactions

Row = TypeVar("Row")

#: Shapes that one query keeps; beyond, it starts anew.
MAX_SHAPES = 64


class Param(models.Expression):
    """A value that comes with each run.

    ``name`` is the keyword it is given by, ``field`` prepares it for the database. With an
    ``index`` it is one of several values given under that name. Moved by a ``timedelta`` it stays a
    parameter, so that ``NOW - timeout`` is computed before the database sees it.
    """

    def __init__(
        self,
        name: str,
        field: "models.Field[Any, Any]",
        *,
        index: int | None = None,
        shift: timedelta = timedelta(0),
    ) -> None:
        super().__init__(output_field=field)
        self.name = name
        self.index = index
        self.shift = shift

    @classmethod
    def many(cls, name: str, field: "models.Field[Any, Any]", count: int) -> "list[Param]":
        """Return parameters for a list of ``count`` values, as ``__in`` takes them."""
        return [cls(name, field, index=index) for index in range(count)]

    def __sub__(self, other: Any) -> Any:
        """Return the parameter moved back in time."""
        if not isinstance(other, timedelta):
            return super().__sub__(other)
        return Param(self.name, self.output_field, index=self.index, shift=self.shift - other)

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        """Return a place for the value and, until it is bound, this object as its parameter."""
        return "%s", [self]

    def bound(self, values: dict[str, Any], connection: Any) -> Any:
        """Return the value of a run as the database driver takes it."""
        value = values[self.name] if self.index is None else values[self.name][self.index]
        if self.shift:
            value += self.shift
        return self.output_field.get_db_prep_value(value, connection)


#: The time at which a request acts.
NOW = Param("now", models.DateTimeField())

#: A time, or the place for one.
Moment = datetime | Param


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The SQL of a queryset on one database."""

    compiler: SQLCompiler
    statement: str
    params: tuple[Any, ...]
    converters: dict[int, Any]

    def bound(self, values: dict[str, Any], connection: Any) -> tuple[Any, ...]:
        """Return the parameters of one run."""
        return tuple(
            param.bound(values, connection) if isinstance(param, Param) else param
            for param in self.params
        )


class _Statement(Generic[Row]):
    """What queries and updates share: one compilation per database and shape.

    ``build`` takes the shape, which is what changes the SQL itself and not only a value in it, and
    returns a queryset. Settings may be part of the SQL: when one changes (in tests) all is
    forgotten.
    """

    def __init__(self, build: "Callable[..., models.QuerySet[Any, Row]]") -> None:
        self._build = build
        self._querysets: dict[tuple[Hashable, ...], models.QuerySet[Any, Row]] = {}
        self._compiled: dict[tuple[Hashable, ...], _Compiled] = {}
        setting_changed.connect(self._forget)

    def _queryset(self, shape: tuple[Hashable, ...]) -> "models.QuerySet[Any, Row]":
        queryset = self._querysets.get(shape)
        if queryset is None:
            if len(self._querysets) >= MAX_SHAPES:
                self._forget()
            queryset = self._querysets[shape] = self._build(*shape)
        return queryset

    def _on(self, alias: str, shape: tuple[Hashable, ...]) -> _Compiled:
        compiled = self._compiled.get((alias, *shape))
        if compiled is None:
            compiler = self._compiler(alias, shape)
            statement, params = compiler.as_sql()
            compiled = _Compiled(compiler, statement, tuple(params), _converters(compiler))
            self._compiled[(alias, *shape)] = compiled
        return compiled

    def _compiler(self, alias: str, shape: tuple[Hashable, ...]) -> SQLCompiler:
        # Built anew: compiling changes a query, and other threads may be copying the kept one.
        query: Any = self._build(*shape).query
        compiler: SQLCompiler = query.get_compiler(alias)
        return compiler

    def _forget(self, **_: Any) -> None:
        self._querysets.clear()
        self._compiled.clear()


class CompiledQuery(_Statement[Row]):
    """A queryset that is compiled once."""

    def rows(self, *shape: Hashable, **values: Any) -> list[Row]:
        """Run the query; every ``Param`` takes the value of its name.

        Returns what the queryset would: instances with their related objects, or dicts.
        """
        connection = transactions.connection()
        queryset = self._queryset(shape).using(connection.alias)
        compiled = self._on(connection.alias, shape)
        bound = compiled.statement, compiled.bound(values, connection)
        # Django's own iterables turn rows into objects; they only must not compile again.
        compiler: Any = copy(compiled.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: bound
        compiler.get_converters = lambda _: compiled.converters
        query: Any = queryset.query
        query.get_compiler = lambda *_, **__: compiler
        return list(queryset)

    def first(self, *shape: Hashable, **values: Any) -> Row | None:
        """Run the query and return its first row, or None."""
        return next(iter(self.rows(*shape, **values)), None)


class CompiledUpdate(_Statement[Any]):
    """``queryset.update(**changes)``, compiled once."""

    def __init__(self, build: "Callable[..., models.QuerySet[Any]]", **changes: Any) -> None:
        super().__init__(build)
        self._changes = changes

    def run(self, *shape: Hashable, **values: Any) -> int:
        """Change the rows and return how many; every ``Param`` takes the value of its name."""
        connection = transactions.connection()
        compiled = self._on(connection.alias, shape)
        with connection.cursor() as cursor:
            cursor.execute(compiled.statement, compiled.bound(values, connection))
            return int(cursor.rowcount)

    def _compiler(self, alias: str, shape: tuple[Hashable, ...]) -> SQLCompiler:
        update: Any = self._build(*shape).query.chain(sql.UpdateQuery)
        update.add_update_values(self._changes)
        compiler: SQLCompiler = update.get_compiler(alias)
        return compiler


def _converters(compiler: Any) -> dict[int, Any]:
    """Return what turns values of the database into Python's, by column."""
    columns = compiler.select[: compiler.col_count] if compiler.select else []
    converters: dict[int, Any] = compiler.get_converters([column for column, *_ in columns])
    return converters
