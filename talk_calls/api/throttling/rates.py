"""Limits of how many of something are made in a minute or an hour, by whom or for whom.

Only requests that are about to make something are counted, before the work; so are those that fail
then. Searches for people are counted too, or somebody could copy the directory. Minutes and hours
are those of the clock, and a limit holds for each: within a minute across the full one, up to twice
as many may pass.

Caches that count atomically have one number for each limit. Django's database and file caches do
not: two requests at once would read the same number and both store the next one. There a limit is
as many places, which are keys, and a place is taken by adding a key that does not exist. That is
exact in the database; files may give a place to two at the same moment, so that some more pass.
"""

import logging
import math
import secrets
import time
from collections.abc import Collection

from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from talk_calls.api.throttling import shared_cache
from talk_calls.api.throttling.addresses import address_of
from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.models import Conversation

logger = logging.getLogger(__name__)

_MINUTE, _HOUR = 60, 60 * 60

_RANDOM = secrets.SystemRandom()

#: What the log says while the cache is away.
_UNCOUNTED = "The cache failed, so what is made goes uncounted"


def count_guest(request: HttpRequest) -> None:
    """Count a new guest; raises DRF's ``Throttled`` beyond ``GUESTS_PER_MINUTE``."""
    _count(
        f"guest\0{address_of(request)}", conf.guests_per_minute, _MINUTE, refusal="Too many guests."
    )


def count_conversation(user: HostUser) -> None:
    """Count a new conversation; raises ``Throttled`` beyond ``CONVERSATIONS_PER_MINUTE``."""
    _count(
        f"conversation\0{user.pk}",
        conf.conversations_per_minute,
        _MINUTE,
        refusal="Too many conversations.",
    )


def count_search(user: HostUser) -> None:
    """Count a search for people; raises ``Throttled`` beyond ``SEARCHES_PER_MINUTE``."""
    _count(f"search\0{user.pk}", conf.searches_per_minute, _MINUTE, refusal="Too many searches.")


def count_mails(
    request: HttpRequest,
    *,
    sender: HostUser,
    conversation: Conversation | None,
    to: Collection[str],
) -> None:
    """Count invitations to these e-mail addresses; raises ``Throttled`` beyond ``MAILS_PER_HOUR``.

    ``conversation`` is None for one that is being created with them, to which none were sent yet.
    That is all or nothing: where one address gets too many mails, nobody gets one.
    """
    most = conf.mails_per_hour
    shared = {
        "conversation": str(conversation.pk) if conversation else secrets.token_hex(),
        "user": str(sender.pk),
        "address": address_of(request),
        "site": "",
    }
    counted = [(f"recipient\0{each}", most["recipient"], 1) for each in to]
    counted += [(f"{what}\0{which}", most[what], len(to)) for what, which in shared.items()]
    for name, limit, amount in counted:
        _count(f"mail\0{name}", limit, _HOUR, amount=amount, refusal="Too many invitations.")


def _count(name: str, most: int, seconds: int, *, refusal: str, amount: int = 1) -> None:
    """Count ``amount`` of what ``name`` says in this minute or hour; 0 as ``most`` is no limit."""
    if not most or not amount:
        return
    now = time.time()
    until = (now // seconds + 1) * seconds
    key = f"talk_calls.rate.{shared_cache.digest(name)}.{until:.0f}"
    with shared_cache.may_fail(logger, _UNCOUNTED):
        cache = caches[DEFAULT_CACHE_ALIAS]
        take = _take_places if type(cache).incr is BaseCache.incr else _add_up
        if not take(cache, key, amount, most, math.ceil(until - now)):
            raise Throttled(until - now, refusal)


def _add_up(cache: BaseCache, key: str, amount: int, most: int, lasts: int) -> bool:
    """Add to a number that the cache changes atomically; False if that is beyond ``most``."""
    if cache.get(key, 0) + amount > most:
        return False
    if cache.add(key, amount, lasts):
        return True
    return cache.incr(key, amount) <= most


def _take_places(cache: BaseCache, key: str, amount: int, most: int, lasts: int) -> bool:
    """Take ``amount`` of ``most`` places, which are keys; False if not so many are free.

    Places are tried in random order, so that requests at once seldom try the same. That there is
    none left is remembered, so only one request tries them all.
    """
    full = f"{key}.full"
    if cache.get(full):
        return False
    taken: list[str] = []
    for place in _RANDOM.sample(range(most), most):
        if cache.add(f"{key}.{place}", True, lasts):
            taken.append(f"{key}.{place}")
        if len(taken) == amount:
            return True
    if taken:
        cache.delete_many(taken)
    else:
        cache.set(full, True, lasts)
    return False
