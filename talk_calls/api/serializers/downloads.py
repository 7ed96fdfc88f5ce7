"""Files that people open in other programs (behaviour 5)."""

from collections.abc import Iterable, Mapping

from talk_calls.reports.downloads import as_csv


def participants_csv(people: Iterable[Mapping[str, object]]) -> str:
    """Return the people of a call (``people_of_open_call``) as CSV with a header."""
    keys = ("display_name", "email", "actor_type", "actor_id")
    rows = ([person[key] for key in keys] for person in people)
    return as_csv(["name", "email", "type", "identifier"], rows)
