"""Erasing a person: out of all conversations, and out of everything that is stored.

The person leaves first, as if the account were deleted, so that calls end rightly and nobody writes
about them any more; then each holding is erased in batches. History gets a random pseudonym, the
same for all that is one person's, so that statistics count as many people as before.

An erasure may be killed and repeated, and several may run at once: the pseudonym is stored until
all is done.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from talk_calls.constants import ERASED_ID_PREFIX
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.models import Alias
from talk_calls.models.aliases import AliasKind
from talk_calls.models.audit import AuditAction
from talk_calls.privacy.holdings import Holding
from talk_calls.privacy.people import Person, person_of
from talk_calls.privacy.registry import HOLDINGS
from talk_calls.services import audit, conversations

#: Called with how many rows are done, and of how many.
Progress = Callable[[int, int], None]


def count(user: HostUser) -> dict[str, int]:
    """Return how many rows of each holding name a user, by the holding's name."""
    person = person_of(user)
    return {
        holding.name: sum(len(rows) for rows in holding.batches(person)) for holding in HOLDINGS
    }


def erase(
    user: HostUser,
    *,
    now: datetime | None = None,
    total: int = 0,
    progress: Progress = lambda done, total: None,
) -> None:
    """Erase a user; the account itself stays, and is the site's to delete.

    ``progress`` is called with how many rows are done, of ``total`` (the sum of ``count``). Each
    batch is a transaction, unless the caller has one open.
    """
    person = person_of(user)
    pseudonym = _pseudonym(person)
    done = 0
    progress(done, total)

    def erase_from(holdings: Iterable[Holding]) -> None:
        nonlocal done
        for holding in holdings:
            holding.prepare_erasing(now or clock.now())
            for rows in holding.batches(person):
                _erase(holding, rows, person, pseudonym)
                done += len(rows)
                progress(min(done, total), total)

    erase_from(holding for holding in HOLDINGS if holding.before_leaving)
    conversations.forget_user(user=user, now=now)
    erase_from(holding for holding in HOLDINGS if not holding.before_leaving)
    progress(total, total)


def record(now: datetime | None = None) -> None:
    """Record that an operator erased somebody: from where and why, but not whom."""
    audit.add(AuditAction.PERSON_ERASED, None, None, at=now or clock.now())


@retried
@transactions.atomic()
def _erase(holding: Holding, rows: list[object], person: Person, pseudonym: str) -> None:
    holding.erase(rows, person, pseudonym)


def _pseudonym(person: Person) -> str:
    """Return the pseudonym of an erasure that is not complete, or a new one."""
    new = Alias(
        user_id=person.user.pk,
        kind=AliasKind.PSEUDONYM,
        value=ERASED_ID_PREFIX + secrets.token_hex(8),
    )
    Alias.objects.bulk_create([new], ignore_conflicts=True)
    stored = Alias.objects.filter(user=person.user.pk, kind=AliasKind.PSEUDONYM).first()
    return (stored or new).value  # another erasure may have completed in between
