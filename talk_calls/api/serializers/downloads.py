"""Files that people open in other programs (behaviour 5)."""

from collections.abc import Iterable

from talk_calls import names
from talk_calls.models.calls import Person
from talk_calls.reports.downloads import as_csv


def participants_csv(people: Iterable[Person]) -> str:
    """Return the people of a call (``people_of``) as CSV.

    Header, commas and types are those of the protocol, whatever the reader's language.
    """
    rows = (
        [
            names.shown(person["display_name"], person["actor_type"], person["actor_id"]),
            person["email"],
            person["actor_type"],
            person["actor_id"],
        ]
        for person in people
    )
    return as_csv(["name", "email", "type", "identifier"], rows, delimiter=",")
