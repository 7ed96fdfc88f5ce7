"""Parameter types of this API, beside those of any OCS service (``ocs/fields.py``)."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import IntegerChoices
from django.utils import timezone
from rest_framework import serializers

from talk_calls.ocs.fields import IntegerField, TextField

#: Nearly the last second that the calendar knows, in whatever time zone.
_LATEST = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


class EnumField(serializers.ChoiceField):
    """A member of an enumeration of numbers, which forms send as text."""

    def __init__(self, kinds: type[IntegerChoices], **kwargs: Any) -> None:
        super().__init__(choices=[str(int(kind)) for kind in kinds], **kwargs)
        self.kinds = kinds

    def to_internal_value(self, data: Any) -> Any:
        """Return the member."""
        return self.kinds(int(super().to_internal_value(data)))


class MomentField(IntegerField):
    """A time in Unix seconds; absent, null and everything up to 0 are None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default=None, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
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

    child = TextField(max_length=255)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1000, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the list, each name once; empty text is none."""
        names = [data] if isinstance(data, str) else data
        return list(dict.fromkeys(filter(None, super().to_internal_value(names))))
