"""The limit of wrong guesses at passwords, by what they open and by the client's address.

Only *different* wrong guesses count. Repeating one wrong password reveals nothing, so it does not
use up the limit of others behind the same address; it has a limit of its own. Requests that are no
guess do not count: with the right secret or none, after a lost session, or for a conversation that
does not exist.

A guess takes one of a few slots in the cache before it is verified, and returns it if it was
right, so the limit holds for any number of guesses at once. Slots are used instead of a counter,
because Django's database and file caches cannot increment atomically and lose the time-out when
they do, while every cache can add a key that does not exist yet.

Bearer tokens and app passwords found in the database are not counted: 125 random bits cannot be
guessed, and finding them takes no slow hash.
"""

import logging
import time
import unicodedata
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed, Throttled

from talk_calls import policies
from talk_calls.api.throttling import shared_cache
from talk_calls.api.throttling.addresses import address_of
from talk_calls.exceptions import WrongPassword
from talk_calls.models import Attendee, Conversation

logger = logging.getLogger(__name__)

#: Different wrong guesses at one secret from one address, before every guess is refused unread.
GUESSES = 10

#: Refusals of one and the same wrong guess, before it alone is refused unread.
REPEATS = 10

#: Seconds for which a wrong guess counts.
WINDOW = 15 * 60

#: What the log says while the cache is away; else nobody could log in any more.
_UNCOUNTED = "The cache failed, so guesses go uncounted"


def guessing_conversation(
    request: HttpRequest, conversation: Conversation, attendee: Attendee | None, password: str
) -> AbstractContextManager[object]:
    """Count what the block, which raises ``WrongPassword``, finds out about ``password``.

    Nothing is counted or refused where no password is needed or none is given. Raises DRF's
    ``Throttled`` before the block is entered.
    """
    if not password or not policies.needs_password(conversation, attendee):
        return nullcontext()
    place = f"conversation\0{conversation.pk}\0{address_of(request)}"
    return _Guess(place, password, wrong=WrongPassword)


def guessing_account(
    request: HttpRequest, username: str, password: str
) -> AbstractContextManager[object]:
    """Count what the block, which raises ``AuthenticationFailed``, finds out about ``password``.

    Names without an account are counted as well, so that the limit does not reveal accounts.
    Spellings that some user model takes for one name are one. Raises DRF's ``Throttled`` before
    the block is entered.
    """
    name = unicodedata.normalize("NFKC", username).casefold().strip()
    place = f"account\0{name}\0{address_of(request)}"
    return _Guess(place, password, wrong=AuthenticationFailed)


class _Claim(NamedTuple):
    """What a slot in the cache holds: a guess, and how often it was refused."""

    guess: str
    until: float  # Unix seconds
    refused: int = 0


class _Guess(AbstractContextManager[None]):
    """A secret while it is verified: only its keyed hash is kept, and only if it was wrong."""

    def __init__(self, place: str, secret: str, *, wrong: type[Exception]) -> None:
        key = shared_cache.digest(place)
        self._slots = [f"talk_calls.guess.{key}.{number}" for number in range(GUESSES)]
        self._slot: str | None = None
        self._claim = _Claim(shared_cache.digest(f"{place}\0{secret}"), until=time.time() + WINDOW)
        self._wrong = wrong

    def __enter__(self) -> None:
        """Raise ``Throttled``, or claim a slot."""
        with shared_cache.may_fail(logger, _UNCOUNTED):
            held: dict[str, _Claim] = cache.get_many(self._slots)
            if sum(claim.refused > 0 for claim in held.values()) >= GUESSES:
                raise _throttled(held.values())
            self._slot = self._repeated(held) or self._take()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Give the slot back to the next guess if this one was right."""
        if self._slot is None:
            return
        with shared_cache.may_fail(logger, _UNCOUNTED):
            claim: _Claim = cache.get(self._slot, self._claim)
            if isinstance(error, self._wrong):
                refused = claim._replace(refused=claim.refused + 1)
                cache.set(self._slot, refused, max(1, claim.until - time.time()))
            elif error is None and claim.guess == self._claim.guess:
                cache.delete(self._slot)

    def _repeated(self, held: dict[str, _Claim]) -> str | None:
        """Return the slot of an earlier try of the same guess."""
        for slot, claim in held.items():
            if claim.guess != self._claim.guess:
                continue
            if claim.refused >= REPEATS:
                raise _throttled([claim])
            return slot
        return None

    def _take(self) -> str:
        """Take the first free slot; the same guess at the same time shares it."""
        for slot in self._slots:
            cache.add(slot, self._claim, WINDOW)
            # Whose it is, is asked in any case: not every cache adds atomically.
            if cache.get(slot, self._claim).guess == self._claim.guess:
                return slot
        raise _throttled(cache.get_many(self._slots).values())


def _throttled(claims: Iterable[_Claim]) -> Throttled:
    """Return the refusal, with the seconds until the first of ``claims`` is forgotten."""
    now = time.time()
    until = min((claim.until for claim in claims), default=now)
    return Throttled(max(1, until - now), "Too many wrong passwords.")
