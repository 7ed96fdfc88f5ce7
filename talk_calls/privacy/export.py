"""Exporting what is stored about a person, as JSON."""

import json
from collections.abc import Iterator

from django.core.serializers.json import DjangoJSONEncoder

from talk_calls.host.actors import HostUser
from talk_calls.privacy.holdings import Facts, Holding
from talk_calls.privacy.people import Person, person_of
from talk_calls.privacy.registry import HOLDINGS

#: The version of the form; it grows when a program that reads it would have to be changed.
VERSION = 1


def export(user: HostUser) -> Iterator[str]:
    """Yield one JSON object in pieces, each a line; the same as long as nothing changes.

    It has ``version``, ``person`` (how rows name them) and ``records``: for each holding a list of
    objects, in the order in which they were stored. Rows are read in batches, so that memory does
    not grow with them.
    """
    person = person_of(user)
    yield f'{{"version": {VERSION},\n'
    yield f'"person": {_json(_identity(person))},\n'
    yield '"records": {\n'
    for number, holding in enumerate(HOLDINGS):
        yield f"{',' if number else ''}{_json(holding.name)}: ["
        yield from _records(holding, person)
        yield "]\n"
    yield "}}\n"


def _records(holding: Holding, person: Person) -> Iterator[str]:
    separator = "\n"
    for rows in holding.batches(person):
        for row in rows:
            yield f"{separator}{_json(holding.facts(row, person))}"
            separator = ",\n"


def _identity(person: Person) -> Facts:
    return {
        "primary_key": person.key,
        "user_ids": [
            {"id": each.value, "since": each.since, "until": each.until} for each in person.ids
        ],
        "emails": [each.value for each in person.emails],
    }


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
