"""Parameter types of this API, beside those of any OCS service (``ocs/fields.py``)."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import IntegerChoices
from django.utils import timezone
from rest_framework import serializers

from talk_calls.constants import (
    ACTOR_ID_MAX_LENGTH,
    MESSAGE_MAX_DEPTH,
    MESSAGE_MAX_LENGTH,
    MOST_GROUPS,
    MOST_MESSAGES,
    MOST_NAMES,
    MOST_SOURCES,
    SEARCH_SOURCES,
)
from talk_calls.ocs import json_text
from talk_calls.ocs.fields import ChoiceField, IntegerField, TextField
from talk_calls.ocs.json_types import JSON, JSONObject

Kind = TypeVar("Kind")

#: Nearly the last second that the calendar knows, in whatever time zone.
_LATEST = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


class EnumField(ChoiceField):
    """A member of an enumeration of numbers, which forms send as text.

    With ``only``, not every member may be sent.
    """

    def __init__(
        self, kinds: type[IntegerChoices], only: Sequence[int] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(choices=[str(int(kind)) for kind in only or kinds], **kwargs)
        self.kinds = kinds

    def to_internal_value(self, data: Any) -> Any:
        """Return the member."""
        return self.kinds(int(super().to_internal_value(data)))


class MomentField(IntegerField):
    """A time in Unix seconds; absent, null and everything up to 0 are None."""

    def __init__(self, **kwargs: Any) -> None:
        # DRF would compare numbers with the moment.
        super().__init__(default=None, allow_null=True, min_value=None, max_value=None, **kwargs)

    def to_internal_value(self, data: object) -> Any:
        """Return the moment as the site keeps time, or None."""
        seconds = super().to_internal_value(data)
        if seconds > _LATEST:
            self.fail("max_value", max_value=_LATEST)
        if seconds <= 0:
            return None
        moment = datetime.fromtimestamp(seconds, UTC)
        if settings.USE_TZ:
            return moment
        # As the database has it, whatever zone is activated for this request.
        return timezone.make_naive(moment, timezone.get_default_timezone())


class NamesField(serializers.ListField):
    """Names of users; a single one need not be a list."""

    child = TextField(max_length=ACTOR_ID_MAX_LENGTH)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_NAMES, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the list, each name once; empty text is none."""
        names = [data] if isinstance(data, str) else data
        # DRF would read all names, and count them only then.
        if isinstance(names, list) and len(names) > MOST_NAMES:
            self.fail("max_length", max_length=MOST_NAMES)
        return list(dict.fromkeys(filter(None, super().to_internal_value(names))))


class PeopleField(serializers.Field):
    """Whom to invite, by source: ``{"users": [id, …], "groups": […], "emails": […]}``.

    A form has ``participants[users][]``, once for each, or numbers between the last brackets.
    """

    default_error_messages = {
        "invalid": "This is no object of lists, by source.",
        "unknown": "There is no such source of members.",
        "too_many": f"There are more than {MOST_GROUPS} groups.",
    }
    sources = ("users", "groups", "emails")

    def get_value(self, dictionary: Any) -> Any:
        """Return the object, or make it of the names that a form has for its parts."""
        name = str(self.field_name)
        if name in dictionary:
            return dictionary[name]
        parts = re.compile(rf"{name}\[(\w{{1,30}})\](?:\[\d{{1,4}}\])?")
        people: dict[str, list[object]] = {}
        for key, value in dictionary.items():
            if found := parts.fullmatch(key):
                people.setdefault(found[1], []).extend(
                    value if isinstance(value, list) else [value]
                )
        return people or serializers.empty

    def to_internal_value(self, data: object) -> dict[str, list[str]]:
        """Return the ids or addresses by source; an empty list may be of any source."""
        if data in ([], ""):  # what languages with one kind of array send for nothing
            return {}
        if not isinstance(data, dict):
            self.fail("invalid")
        given = {source: names for source, names in data.items() if names}
        if not set(given) <= set(self.sources):
            self.fail("unknown")
        people = {source: NamesField().run_validation(names) for source, names in given.items()}
        if len(people.get("groups", ())) > MOST_GROUPS:
            self.fail("too_many")
        return people


class SourcesField(serializers.ListField):
    """What a search for people looks into: numbers in a list, or in a text with commas.

    Numbers that this site has nothing for are left out.
    """

    child = IntegerField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_SOURCES, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the names of the sources that are searched."""
        # As for names: DRF would read all of them, and count only then.
        items = self._counted(data if isinstance(data, list) else [data])
        numbers = self._counted([number for item in items for number in self._numbers(item)])
        asked = super().to_internal_value(numbers)
        return [SEARCH_SOURCES[number] for number in asked if number in SEARCH_SOURCES]

    def _counted(self, items: list[Any]) -> list[Any]:
        if len(items) > MOST_SOURCES:
            self.fail("max_length", max_length=MOST_SOURCES)
        return items

    @staticmethod
    def _numbers(item: Any) -> list[Any]:
        return item.split(",", MOST_SOURCES) if isinstance(item, str) else [item]


class MessagesField(serializers.Field):
    """Signaling messages: a list, or its JSON as text, of items whose ``fn`` is JSON as well.

    What comes out is a list of ``{"by": session id, "fn": object}``; items that are no messages are
    left out.
    """

    default_error_messages = {
        "invalid": "This is no list of messages in JSON.",
        "too_many": f"There are more than {MOST_MESSAGES} messages.",
        "too_long": f"A message is longer than {MESSAGE_MAX_LENGTH} characters.",
        "too_deep": f"A message has lists in lists, more than {MESSAGE_MAX_DEPTH} deep.",
    }

    def to_internal_value(self, data: object) -> list[JSONObject]:
        """Return the messages."""
        items = self._read(data, list)
        if len(items) > MOST_MESSAGES:
            self.fail("too_many")
        return [self._message(item) for item in items if self._is_message(item)]

    def _is_message(self, item: object) -> bool:
        if not isinstance(item, dict):
            self.fail("invalid")
        return bool(item.get("ev") == "message")

    def _message(self, item: JSONObject) -> JSONObject:
        content = self._read(item.get("fn"), dict)
        text = self._text(content)
        if len(text) > MESSAGE_MAX_LENGTH:
            self.fail("too_long")
        # Most messages have fewer brackets in all than may be in each other.
        brackets = text.count("[") + text.count("{")
        if brackets > MESSAGE_MAX_DEPTH and _is_deeper(content, MESSAGE_MAX_DEPTH):
            self.fail("too_deep")
        return {"by": item.get("sessionId"), "fn": content}

    def _text(self, content: JSONObject) -> str:
        try:
            return json.dumps(content)
        except RecursionError:
            self.fail("too_deep")

    def _read(self, data: object, kind: type[Kind]) -> Kind:
        if isinstance(data, str):
            try:
                data = json_text.read(data)
            except ValueError:
                self.fail("invalid")
        if not isinstance(data, kind):
            self.fail("invalid")
        return data


def _is_deeper(content: JSON, most: int) -> bool:
    """Tell whether there are more than ``most`` lists and objects in each other."""
    level: list[JSON] = [content]
    for _ in range(most + 1):
        containers = [each for each in level if isinstance(each, dict | list)]
        if not containers:
            return False
        level = [
            child
            for each in containers
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return True
