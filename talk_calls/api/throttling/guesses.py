"""The limits of wrong guesses at passwords: for each secret and address, and for each address.

Only *different* wrong guesses count. Repeating one wrong password reveals nothing, so it does not
use up the limits of others behind the same address; it has a limit of its own. Requests that are no
guess do not count: with the right secret or none, after a lost session, or for a conversation that
does not exist.

A guess takes a slot of each limit in the cache before it is verified, and returns both if it was
right, so the limits hold for any number of guesses at once. Slots are used instead of a counter,
because Django's database and file caches cannot increment atomically and lose the time-out when
they do, while every cache can add a key that does not exist yet. Of the many slots of an address a
guess may take only a few, which its hash chooses, so that not all have to be read: the limit is
never exceeded, and a guess may be refused a little before it is reached (decision 36).

Bearer tokens and app passwords found in the database are not counted: 125 random bits cannot be
guessed, and finding them takes no slow hash.
"""

import logging
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NamedTuple

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed, Throttled

from talk_calls import policies
from talk_calls.api.throttling import shared_cache
from talk_calls.api.throttling.addresses import address_of, network_of
from talk_calls.conf import conf
from talk_calls.exceptions import WrongPassword
from talk_calls.host import hashing
from talk_calls.models import Attendee, Conversation

logger = logging.getLogger(__name__)

#: Different wrong guesses at one secret from one address, before every guess is refused unread.
GUESSES = 10

#: Refusals of one and the same wrong guess, before it alone is refused unread.
REPEATS = 10

#: How many slots of its address a guess may take. While half of all are taken, one in a thousand
#: guesses finds none; while four fifths are, one in ten.
CHOICES = 10

#: Wrong guesses from one address, after which others are verified before those from there. People
#: behind one address who reach it notice nothing unless many guess at the same time.
YIELDS_AFTER = 2

#: Seconds for which a wrong guess counts.
WINDOW = 15 * 60

#: What the log says while the cache is away; else nobody could log in any more.
_UNCOUNTED = "The cache failed, so guesses go uncounted"


def guessing_conversation(
    request: HttpRequest, conversation: Conversation, attendee: Attendee | None, password: str
) -> AbstractContextManager[None]:
    """Count what the block, which raises ``WrongPassword``, finds out about ``password``.

    Nothing is counted or refused where no password is needed or none is given. Raises DRF's
    ``Throttled``, or ``ServerBusy``, before the block is entered.
    """
    if not password or not policies.needs_password(conversation, attendee):
        return nullcontext()
    guess = _Guess(request, f"conversation\0{conversation.pk}", password, wrong=WrongPassword)
    return _verifying(guess)


def guessing_account(
    request: HttpRequest, username: str, password: str
) -> AbstractContextManager[None]:
    """Count what the block, which raises ``AuthenticationFailed``, finds out about ``password``.

    Names without an account are counted as well, so that the limit does not reveal accounts.
    Spellings that some user model takes for one name are one. Raises DRF's ``Throttled``, or
    ``ServerBusy``, before the block is entered.
    """
    name = unicodedata.normalize("NFKC", username).casefold().strip()
    return _verifying(_Guess(request, f"account\0{name}", password, wrong=AuthenticationFailed))


@contextmanager
def _verifying(guess: "_Guess") -> Iterator[None]:
    """Refuse a guess beyond the limits at once; wait for a place only with one that is verified."""
    guess.check()
    with hashing.limited(yields=guess.yields), guess:
        yield


class _Claim(NamedTuple):
    """What a slot in the cache holds: a guess, and how often it was refused."""

    guess: str
    until: float  # Unix seconds
    refused: int = 0


class _Guess(AbstractContextManager[None]):
    """A secret while it is verified: only its keyed hash is kept, and only if it was wrong.

    ``opens`` names what the secret opens, and ``wrong`` is the exception that refuses it.
    """

    def __init__(
        self, request: HttpRequest, opens: str, secret: str, *, wrong: type[Exception]
    ) -> None:
        place = f"{opens}\0{address_of(request)}"
        self._claim = _Claim(shared_cache.digest(f"{place}\0{secret}"), until=time.time() + WINDOW)
        self._wrong = wrong
        self._slots = _slots(place, range(GUESSES))
        self._address_slots = _slots(f"address\0{network_of(request)}", _chosen(self._claim.guess))
        [self._total] = _slots(f"total\0{network_of(request)}", [0])
        self._total_before = 0  # about: of several at once, one may be counted
        self._held: Mapping[str, _Claim] = {}
        self._slot: str | None = None
        self._address_slot: str | None = None

    def check(self) -> None:
        """Raise ``Throttled`` if a limit is reached; takes nothing."""
        with shared_cache.may_fail(logger, _UNCOUNTED):
            held = cache.get_many([*self._slots, *self._address_slots, self._total])
            self._total_before = held.pop(self._total, 0)
            self._held = held
            wrong = [claim for claim in self._claims(self._slots) if claim.refused]
            if len(wrong) >= GUESSES:
                raise _throttled(wrong)
            same = [claim for claim in self._held.values() if claim.guess == self._claim.guess]
            if any(claim.refused >= REPEATS for claim in same):
                raise _throttled(same)
            others = self._claims(self._address_slots)
            if not same and len(others) == len(self._address_slots):
                raise _throttled(others)

    @property
    def yields(self) -> bool:
        """Tell whether so many wrong guesses came from the address that others go first."""
        return self._total_before >= YIELDS_AFTER

    def __enter__(self) -> None:
        """Take a slot of each limit, or raise ``Throttled``."""
        with shared_cache.may_fail(logger, _UNCOUNTED):
            self._address_slot = self._take(self._address_slots)
            try:
                self._slot = self._take(self._slots)
            except Throttled:
                if self._address_slot not in self._held:
                    cache.delete(self._address_slot)
                raise

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Give the slots back to the next guess if this one was right."""
        if self._slot is None or self._address_slot is None:
            return
        with shared_cache.may_fail(logger, _UNCOUNTED):
            claim: _Claim = cache.get(self._slot, self._claim)
            if isinstance(error, self._wrong):
                refused = claim._replace(refused=claim.refused + 1)
                cache.set(self._slot, refused, max(1, claim.until - time.time()))
                cache.set(self._total, self._total_before + 1, WINDOW)
            elif error is None and claim.guess == self._claim.guess:
                cache.delete_many([self._slot, self._address_slot])

    def _claims(self, slots: Iterable[str]) -> list[_Claim]:
        """Return what was found in some of the slots."""
        return [self._held[slot] for slot in slots if slot in self._held]

    def _take(self, slots: list[str]) -> str:
        """Take the first free slot; the same guess, earlier or at the same time, shares it."""
        guess = self._claim.guess
        for slot in slots:
            if slot in self._held and self._held[slot].guess == guess:
                return slot
        for slot in slots:
            if slot in self._held:
                continue
            cache.add(slot, self._claim, WINDOW)
            # Whose it is, is asked in any case: not every cache adds atomically.
            if cache.get(slot, self._claim).guess == guess:
                return slot
        raise _throttled(cache.get_many(slots).values())


def _slots(place: str, numbers: Iterable[int]) -> list[str]:
    """Return keys of the cache that are valid in every cache and reveal nothing."""
    key = shared_cache.digest(place)
    return [f"talk_calls.guess.{key}.{number}" for number in numbers]


def _chosen(guess: str) -> list[int]:
    """Return the numbers of the slots of an address that a guess may take, always the same."""
    digits = 6  # of the hash, for each
    parts = [guess[at * digits : (at + 1) * digits] for at in range(CHOICES)]
    return list(dict.fromkeys(int(part, 16) % conf.guesses_per_address for part in parts))


def _throttled(claims: Iterable[_Claim]) -> Throttled:
    """Return the refusal, with the seconds until the first of ``claims`` is forgotten."""
    now = time.time()
    until = min((claim.until for claim in claims), default=now)
    return Throttled(max(1, until - now), "Too many wrong passwords.")
