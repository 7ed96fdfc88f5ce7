"""Everything by which stored rows may name the user of one account.

Rows with a foreign key are found by it. All others name a user by type and id, as clients knew them
at the time, so a guest called like a user is somebody else. An id or an address may have changed
hands: each one counts for the time in which it was this account's.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max, Q, TextField
from django.db.models.functions import Cast

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.host import user_model
from talk_calls.host.actors import HostUser
from talk_calls.models import Alias, Attendee, AuditEntry, CallLeg
from talk_calls.models.aliases import AliasKind


@dataclass(frozen=True, slots=True)
class KnownId:
    """A user id or e-mail address that is or was an account's.

    It is so after ``since`` and up to ``until``; None is for ever.
    """

    value: str
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Tell whether the id meant this account at a time."""
        return (self.since is None or at > self.since) and (self.until is None or at <= self.until)

    def during(self, at: str) -> Q:
        """Return the condition that the id meant this account at the time in the field ``at``."""
        condition = Q(**{f"{at}__gt": self.since}) if self.since else Q()
        return condition & Q(**{f"{at}__lte": self.until}) if self.until else condition


@dataclass(frozen=True, slots=True)
class Person:
    """The user of an account.

    ``emails`` are lower case, ``conversations`` the primary keys of those to which they belong or
    are invited.
    """

    user: HostUser
    ids: tuple[KnownId, ...]
    emails: tuple[KnownId, ...]
    conversations: frozenset[int] = frozenset()

    @property
    def key(self) -> str:
        """Return the primary key as rows have it where it is no foreign key."""
        return str(self.user.pk)

    def is_named(self, actor_type: object, actor_id: object, at: datetime | None) -> bool:
        """Tell whether type and id, as clients knew somebody at a time, mean this person."""
        if actor_type == ActorType.USERS:
            return self.has_id(actor_id, at)
        address = str(actor_id).lower()
        return actor_type == ActorType.EMAILS and _means(self.emails, address, at)

    def has_id(self, user_id: object, at: datetime | None) -> bool:
        """Tell whether a user id meant this person at a time; None is any time."""
        return _means(self.ids, user_id, at)

    def acted(self, prefix: str, at: str) -> Q:
        """Return the condition of rows whose ``{prefix}type`` and ``{prefix}id`` mean this person.

        ``at`` is the field with the time.
        """
        kind, key = f"{prefix}type", f"{prefix}id"
        condition = self.invited(prefix, at)
        for known in self.ids:
            condition |= Q(**{kind: ActorType.USERS, key: known.value}) & known.during(at)
        return condition

    def invited(self, prefix: str, at: str) -> Q:
        """Return the condition of rows that mean this person by an e-mail address.

        ``at`` is the field with the time.
        """
        condition = Q(pk__in=[])
        for email in self.emails:
            is_it = Q(**{f"{prefix}id__iexact": email.value})
            condition |= Q(**{f"{prefix}type": ActorType.EMAILS}) & is_it & email.during(at)
        return condition

    def in_json(self, annotation: str, *, keys: bool = True) -> Q:
        """Return a condition that all rows fulfil whose JSON may name this person, and few others.

        ``annotation`` is the JSON as text (``as_text``). ``keys`` is whether it may hold primary
        keys as well.
        """
        values = [known.value for known in (*self.ids, *self.emails)]
        values += [self.key] if keys else []
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
    person = Person(user, ids, tuple(_emails(user, aliases)))
    own = Attendee.objects.filter(Q(user=user.pk) | person.invited("actor_", "created_at"))
    return replace(person, conversations=frozenset(own.values_list("conversation_id", flat=True)))


def _means(known: Iterable[KnownId], value: object, at: datetime | None) -> bool:
    own = (each for each in known if each.value == value)
    return any(at is None or each.covers(at) for each in own)


def _emails(user: HostUser, aliases: Iterable[Alias]) -> Iterable[KnownId]:
    """Yield the addresses, in order; none that another account has as well.

    One that nobody else has got since stays this account's, as invitations to it may go on.
    """
    until: dict[str, datetime | None] = {
        alias.value.lower(): alias.until for alias in aliases if alias.kind == AliasKind.EMAIL
    }
    until[(conf.directory.email(user) or "").lower()] = None
    for value, last in sorted(until.items()):
        if not value:
            continue
        is_others = _has_another_email(user, value)
        if is_others and last is None:
            continue
        had = Alias.objects.filter(kind=AliasKind.EMAIL, value__iexact=value).exclude(user=user)
        end = last if is_others or (last and had.filter(until__gt=last).exists()) else None
        before = had.filter(until__lt=end) if end else had
        yield KnownId(value, before.aggregate(last=Max("until"))["last"], end)


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
