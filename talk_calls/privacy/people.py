"""Everything by which stored rows may name the user of one account.

Rows with a foreign key are found by it. All others name a user by type and id, as clients knew them
at the time, so a guest called like a user is somebody else. An id may have changed hands: each one
counts for the time in which it was this account's.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, TextField
from django.db.models.functions import Cast

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.host import user_model
from talk_calls.host.actors import HostUser
from talk_calls.models import Alias, AuditEntry, CallLeg
from talk_calls.models.aliases import AliasKind


@dataclass(frozen=True, slots=True)
class KnownId:
    """A user id that is or was an account's: after ``since`` and up to ``until``, None for ever."""

    value: str
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Tell whether the id meant this account at a time."""
        return (self.since is None or at > self.since) and (self.until is None or at <= self.until)


@dataclass(frozen=True, slots=True)
class Person:
    """The user of an account; ``emails`` are lower case, and nobody else's."""

    user: HostUser
    ids: tuple[KnownId, ...]
    emails: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return the primary key as rows have it where it is no foreign key."""
        return str(self.user.pk)

    def is_named(self, actor_type: object, actor_id: object, at: datetime | None) -> bool:
        """Tell whether type and id, as clients knew somebody at a time, mean this person."""
        if actor_type == ActorType.USERS:
            return self.has_id(actor_id, at)
        return actor_type == ActorType.EMAILS and str(actor_id).lower() in self.emails

    def has_id(self, user_id: object, at: datetime | None) -> bool:
        """Tell whether a user id meant this person at a time; None is any time."""
        own = (known for known in self.ids if known.value == user_id)
        return any(at is None or known.covers(at) for known in own)

    def acted(self, prefix: str, at: str) -> Q:
        """Return the condition of rows whose ``{prefix}type`` and ``{prefix}id`` mean this person.

        ``at`` is the field with the time.
        """
        kind, key = f"{prefix}type", f"{prefix}id"
        condition = self.invited(prefix)
        for known in self.ids:
            own = Q(**{kind: ActorType.USERS, key: known.value})
            own &= Q(**{f"{at}__gt": known.since}) if known.since else Q()
            own &= Q(**{f"{at}__lte": known.until}) if known.until else Q()
            condition |= own
        return condition

    def invited(self, prefix: str = "actor_") -> Q:
        """Return the condition of rows that mean this person by an e-mail address."""
        condition = Q(pk__in=[])
        for email in self.emails:
            is_it = Q(**{f"{prefix}id__iexact": email})
            condition |= Q(**{f"{prefix}type": ActorType.EMAILS}) & is_it
        return condition

    def in_json(self, annotation: str, *, keys: bool = True) -> Q:
        """Return a condition that all rows fulfil whose JSON may name this person, and few others.

        ``annotation`` is the JSON as text (``as_text``). ``keys`` is whether it may hold primary
        keys as well.
        """
        values = [*(known.value for known in self.ids), *self.emails, *([self.key] if keys else [])]
        condition = Q(pk__in=[])
        for token in dict.fromkeys(_tokens(values)):
            condition |= Q(**{f"{annotation}__contains": token})
        return condition


def as_text(field: str) -> Cast:
    """Return a JSON field as text, in which ``in_json`` looks."""
    return Cast(field, TextField())


def person_of(user: HostUser) -> Person:
    """Return by what rows may name a user; a few queries."""
    directory = conf.directory
    current = str(directory.user_id(user))
    aliases = list(Alias.objects.filter(user=user))
    until: dict[str, datetime | None] = {
        alias.value: alias.until for alias in aliases if alias.kind == AliasKind.USER_ID
    }
    for value, last in _seen(user):
        until.setdefault(value, last if _has_another(user, value) else None)
    until[current] = None
    ids = tuple(
        KnownId(value, _since(user, value, end), end) for value, end in sorted(until.items())
    )
    emails = {alias.value.lower() for alias in aliases if alias.kind == AliasKind.EMAIL}
    emails.add((directory.email(user) or "").lower())
    own = (each for each in sorted(emails) if each and not _has_another_email(user, each))
    return Person(user, ids, tuple(own))


def _seen(user: HostUser) -> Iterable[tuple[str, datetime]]:
    """Yield the ids that rows with a foreign key to the account have, and when they last did.

    Not all are aliases: accounts may have been renamed before these were stored.
    """
    users = ActorType.USERS
    legs = CallLeg.objects.filter(user=user, actor_type=users).order_by()
    yield from legs.values_list("actor_id").annotate(last=Max("joined_at"))
    for role in ("actor", "target"):
        entries = AuditEntry.objects.filter(**{f"{role}_user": user, f"{role}_type": users})
        yield from entries.order_by().values_list(f"{role}_id").annotate(last=Max("at"))


def _has_another(user: HostUser, user_id: str) -> bool:
    path = conf.directory.user_id_path()
    try:
        others = user_model.users().filter(**{path: user_id}).exclude(pk=user.pk)
        return any(str(conf.directory.user_id(other)) == user_id for other in others)
    except ValueError:  # ids are numbers or UUIDs by now
        return False


def _has_another_email(user: HostUser, email: str) -> bool:
    path = conf.directory.email_path()
    if not path:
        return False
    others = user_model.users().filter(**{f"{path}__iexact": email}).exclude(pk=user.pk)
    return bool(others.exists())


def _since(user: HostUser, user_id: str, until: datetime | None) -> datetime | None:
    """Return until when the id was another account's that had it before; None if none had."""
    others = Alias.objects.filter(kind=AliasKind.USER_ID, value=user_id).exclude(user=user)
    if until is not None:
        others = others.filter(until__lt=until)
    last: datetime | None = others.aggregate(last=Max("until"))["last"]
    return last


def _tokens(values: Iterable[str]) -> Iterable[str]:
    """Yield texts as they stand in JSON: databases store letters beyond ASCII as such, or not."""
    for value in values:
        yield json.dumps(value)
        yield json.dumps(value, ensure_ascii=False)
