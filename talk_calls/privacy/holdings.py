"""What a model holds of people: a base for the entries of the registry.

A holding finds the rows of a person, says what an export gives of each, and erases the person from
them. Rows are read in batches, in the order of their primary keys, and each batch is erased in a
short transaction of its own, which may be repeated: of two erasures at once, or after one that was
killed, the later one finds what is left.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from django.db.models import Model, Q, QuerySet

from talk_calls.constants import ActorType
from talk_calls.privacy.people import Person

#: Facts of an export: JSON, with datetimes.
Facts: TypeAlias = dict[str, Any]

#: Rows that one statement reads or changes at most.
BATCH = 1000


class Holding:
    """What one model holds of a person."""

    model: ClassVar[type[Model]]

    #: Its name in exports and counts.
    name: ClassVar[str]

    #: The columns that say something about a person. A test knows all others (``IMPERSONAL``).
    columns: ClassVar[frozenset[str]]

    #: Whether it is erased before the person leaves, as its rows are found by what goes with that.
    before_leaving: ClassVar[bool] = False

    def rows(self, person: Person) -> QuerySet[Any]:
        """Return the rows that name a person, or may do so: ``names`` decides about each."""
        raise NotImplementedError

    def names(self, row: Any, person: Person) -> bool:
        """Tell whether a row that ``rows`` found names the person indeed."""
        return True

    def facts(self, row: Any, person: Person) -> Facts:
        """Return what an export gives of a row: nothing of others that the person could not see."""
        raise NotImplementedError

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Erase the person from rows; ``pseudonym`` takes the place of their id in history.

        Rows were read before the transaction: values that are changed in Python are read again
        (``locked``).
        """
        raise NotImplementedError

    def prepare_erasing(self, now: datetime) -> None:
        """Do what has to be done before the rows are read that are erased."""

    def batches(self, person: Person) -> Iterator[list[Any]]:
        """Yield the rows of a person in lists of up to ``BATCH``, each read when it is due."""
        rows = self.rows(person).order_by("pk")
        found = list(rows[:BATCH])
        while found:
            last = found[-1].pk
            if named := [row for row in found if self.names(row, person)]:
                yield named
            found = list(rows.filter(pk__gt=last)[:BATCH])


class DeletedHolding(Holding):
    """A model whose rows are one person's alone, and go with them."""

    #: The path to the account.
    path: ClassVar[str] = "user"

    def rows(self, person: Person) -> QuerySet[Any]:
        """Return the rows of the account."""
        return self.model._default_manager.filter(**{self.path: person.user.pk})

    def erase(self, rows: Sequence[Any], person: Person, pseudonym: str) -> None:
        """Delete the rows."""
        self.model._default_manager.filter(pk__in=keys_of(rows)).delete()


def keys_of(rows: Collection[Any]) -> list[Any]:
    """Return the primary keys of rows."""
    return [row.pk for row in rows]


def locked(rows: Sequence[Any]) -> list[Any]:
    """Return rows as they are now, locked for the transaction; those that are gone are left out.

    Somebody else may have changed them since they were read, and another erasure may be at them.
    """
    if not rows:
        return []
    manager = type(rows[0])._default_manager
    return list(manager.filter(pk__in=keys_of(rows)).order_by("pk").select_for_update())


def by_account(person: Person, *paths: str) -> Q:
    """Return the condition that one of these foreign keys refers to the account."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{path: person.user.pk})
    return condition


def conversation_facts(conversation: Any, person: Person) -> Facts | None:
    """Return how an export names a conversation, None for one that is deleted.

    Only who belongs to it may know its present name.
    """
    if conversation is None:
        return None
    if conversation.pk not in person.conversations:
        return {"token": conversation.token}
    return {"token": conversation.token, "name": conversation.name}


def seen_person(who: Mapping[str, Any], person: Person, at: Any) -> Facts:
    """Return somebody of a message as the participants of the conversation could see them.

    Of an invitee's address they see what stands before the @.
    """
    kind, key, name = (str(who.get(each, "")) for each in ("type", "id", "name"))
    if kind == ActorType.EMAILS and not person.is_named(kind, key, at):
        return {"type": kind, "id": "invitee", "name": name.partition("@")[0]}
    return {"type": kind, "id": key, "name": name}
