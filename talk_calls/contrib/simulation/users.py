"""Simulated users and guests, and the groups of users."""

import random
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.contrib.simulation import simulated
from talk_calls.host.actors import HostUser
from talk_calls.host.directory import has_django_groups

_BATCH = 1000
_FIRST_NAMES = (
    "Ada Ben Cleo Dan Eva Finn Gita Hugo Ida Jon Kim Lea Max Nia Ole Pia Raj Sam Tess Yui"
)
_LAST_NAMES = (
    "Adler Berg Costa Diaz Eriksen Fuchs Garcia Haas Ito Jansen Kaya Lund Moreau Novak Okafor"
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who calls, with the fields that legs keep; ``user_pk`` is None for guests."""

    name: str
    actor_id: str
    actor_type: str = ActorType.USERS
    user_pk: Any = None


def make_users(rng: random.Random, count: int) -> list[Person]:
    """Store ``count`` users who cannot log in; return them."""
    users = [_user(rng, number) for number in range(1, count + 1)]
    model = get_user_model()
    stored: list[HostUser] = model._default_manager.bulk_create(users, batch_size=_BATCH)
    directory = conf.directory
    return [
        Person(directory.display_name(user), directory.user_id(user), user_pk=user.pk)
        for user in stored
    ]


def make_groups(rng: random.Random, people: list[Person], count: int) -> int:
    """Store ``count`` groups of varied size with their members; return how many memberships."""
    if not has_django_groups() or not count:
        return 0
    groups = [Group(name=f"{simulated.PREFIX}group-{number:02}") for number in range(1, count + 1)]
    Group.objects.bulk_create(groups)
    weights = [rng.lognormvariate(0, 1) for _ in groups]
    members = {
        (person.user_pk, group.pk)
        for person in people
        for group in rng.choices(groups, weights, k=rng.choice((1, 1, 1, 2)))
    }
    through = get_user_model().groups.through
    user_column = f"{get_user_model().groups.field.m2m_field_name()}_id"
    rows = [
        through(**{user_column: user, "group_id": group})
        for user, group in sorted(members, key=str)
    ]
    through._default_manager.bulk_create(rows, batch_size=_BATCH)
    return len(rows)


def guest(rng: random.Random) -> Person:
    """Return somebody without an account; half of them have no name."""
    name = rng.choice(("", f"Guest {rng.choice(_FIRST_NAMES.split())}"))
    return Person(name, f"{rng.getrandbits(160):040x}", ActorType.GUESTS)


def _user(rng: random.Random, number: int) -> HostUser:
    model = get_user_model()
    name = f"{simulated.PREFIX}{number:05}"
    address = f"{name}@{simulated.DOMAIN}"
    login, email = model.USERNAME_FIELD, conf.directory.email_path()
    values = {
        "first_name": rng.choice(_FIRST_NAMES.split()),
        "last_name": rng.choice(_LAST_NAMES.split()),
        **({email: address} if email else {}),
        login: address if login == email else name,
    }
    known = {each.name for each in model._meta.get_fields()}
    user = model(**{key: value for key, value in values.items() if key in known})
    user.set_unusable_password()
    return user
