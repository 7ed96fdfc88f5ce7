"""Queries that are compiled to SQL once and then only executed.

Django builds the SQL of a queryset anew each time, which takes several times as long as PostgreSQL
needs for the query. The queries of every request are therefore querysets with a ``Param`` in place
of each value that changes, and are compiled when they are first used.
"""

from collections.abc import Callable, Hashable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeAlias, TypeVar, cast

from django.core.signals import setting_changed
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import sql
from django.db.models.sql.compiler import SQLCompiler

from talk_calls.db import transactions

Row = TypeVar("Row")

#: A field of any type; Django's classes are generic for type checkers only.
Field: TypeAlias = "models.Field[Any, Any]"

#: How many shapes of one query are kept; when there are more, all are compiled again.
MAX_SHAPES = 64


class Param(models.Expression):
    """A value that is passed to each execution of a query.

    ``name`` is its keyword argument, ``field`` prepares it for the database. With an ``index`` it
    is one of a list of values under that name. Minus a ``timedelta`` it is still a parameter:
    ``NOW - timeout`` is computed in Python and not by the database.
    """

    def __init__(
        self,
        name: str,
        field: Field,
        *,
        index: int | None = None,
        shift: timedelta = timedelta(0),
    ) -> None:
        super().__init__(output_field=field)
        self.name = name
        self.index = index
        self.shift = shift

    @classmethod
    def many(cls, name: str, field: Field, count: int) -> "list[Param]":
        """Return parameters for a list of ``count`` values, as ``__in`` takes them."""
        return [cls(name, field, index=index) for index in range(count)]

    def __sub__(self, other: Any) -> Any:
        """Return the parameter moved back in time."""
        if not isinstance(other, timedelta):
            return super().__sub__(other)
        return Param(self.name, self.output_field, index=self.index, shift=self.shift - other)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return a placeholder, and this object as its parameter until the value is known."""
        return "%s", [self]

    def bound(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """Return the value for one execution, in the form that the database driver takes."""
        value = values[self.name] if self.index is None else values[self.name][self.index]
        if self.shift:
            value += self.shift
        return self.output_field.get_db_prep_value(value, connection)


#: The time at which a request acts.
NOW = Param("now", models.DateTimeField())

#: A time, or the parameter for one.
Moment = datetime | Param


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The SQL of a queryset on one database."""

    compiler: SQLCompiler
    statement: str
    params: tuple[object, ...]
    #: What the compiler's ``get_converters`` returned.
    converters: object

    def bound(
        self, values: Mapping[str, object], connection: BaseDatabaseWrapper
    ) -> tuple[Any, ...]:
        """Return the parameters of one execution."""
        return tuple(
            param.bound(values, connection) if isinstance(param, Param) else param
            for param in self.params
        )


class _Statement(Generic[Row]):
    """The base of queries and updates, which are compiled once per database and shape.

    ``build`` returns the queryset. Its arguments are the shape: everything that changes the SQL
    itself and not only a value in it. Settings may be part of the SQL, so all is compiled again
    when one changes (in tests).
    """

    def __init__(self, build: "Callable[..., models.QuerySet[models.Model, Row]]") -> None:
        self._build = build
        self._querysets: dict[tuple[Hashable, ...], models.QuerySet[models.Model, Row]] = {}
        self._compiled: dict[tuple[Hashable, ...], _Compiled] = {}
        setting_changed.connect(self._forget)

    def _queryset(self, shape: tuple[Hashable, ...]) -> "models.QuerySet[models.Model, Row]":
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
        # Not the stored queryset: compiling changes a query, and other threads may be copying it.
        compiler: SQLCompiler = self._build(*shape).query.get_compiler(alias)
        return compiler

    def _forget(self, **_: object) -> None:
        self._querysets.clear()
        self._compiled.clear()


class CompiledQuery(_Statement[Row]):
    """A queryset that is compiled once."""

    def rows(self, *shape: Hashable, **values: object) -> list[Row]:
        """Run the query; every ``Param`` takes the value of its name.

        Returns what the queryset would: instances with their related objects, or dicts.
        """
        connection = transactions.connection()
        queryset = self._queryset(shape).using(connection.alias)
        compiled = self._on(connection.alias, shape)
        bound = compiled.statement, compiled.bound(values, connection)
        # Django's own iterables convert rows to objects, with this SQL instead of compiling again.
        compiler: Any = copy(compiled.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: bound
        compiler.get_converters = lambda _: compiled.converters
        query: Any = queryset.query
        query.get_compiler = lambda *_, **__: compiler
        return list(queryset)

    def first(self, *shape: Hashable, **values: object) -> Row | None:
        """Run the query and return its first row, or None."""
        return next(iter(self.rows(*shape, **values)), None)


class CompiledUpdate(_Statement[models.Model]):
    """``queryset.update(**changes)``, compiled once."""

    def __init__(
        self, build: "Callable[..., models.QuerySet[models.Model]]", **changes: object
    ) -> None:
        super().__init__(build)
        self._changes = changes

    def run(self, *shape: Hashable, **values: object) -> int:
        """Change the rows and return how many; every ``Param`` takes the value of its name."""
        connection = transactions.connection()
        compiled = self._on(connection.alias, shape)
        with connection.cursor() as cursor:
            cursor.execute(compiled.statement, compiled.bound(values, connection))
            return int(cursor.rowcount)

    def _compiler(self, alias: str, shape: tuple[Hashable, ...]) -> SQLCompiler:
        update = cast(sql.UpdateQuery, self._build(*shape).query.chain(sql.UpdateQuery))
        update.add_update_values(self._changes)
        compiler: SQLCompiler = update.get_compiler(alias)
        return compiler


def _converters(compiler: SQLCompiler) -> object:
    """Return the functions that convert values of the database to Python's, by column."""
    columns = compiler.select[: compiler.col_count] if compiler.select else []
    return compiler.get_converters([column for column, *_ in columns])
