"""Files that people open in other programs (talk-api.md 5)."""

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import Any

from talk_calls.models import Conversation

#: A spreadsheet takes what begins so for a formula, which could send its cells elsewhere.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NAME_LENGTH = 100


def participants_csv(people: Iterable[dict[str, Any]]) -> str:
    """Return the people of a call (``people_of_open_call``) as CSV with a header."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["name", "email", "type", "identifier"])
    for person in people:
        row = (person["display_name"], person["email"], person["actor_type"], person["actor_id"])
        writer.writerow([_harmless(str(value or "")) for value in row])
    return text.getvalue()


def file_name(conversation: Conversation, now: datetime) -> str:
    """Return a name that every file system takes."""
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', " ", str(conversation))
    name = " ".join(name.split())[:_NAME_LENGTH].strip(" .")
    return f"{name} {now:%Y-%m-%d}.csv".strip()


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
