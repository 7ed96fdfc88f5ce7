"""Filters of the lists of calls."""

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from talk_calls.constants import ConversationType, InCallFlag
from talk_calls.host import clock
from talk_calls.models import Call
from talk_calls.reports.formatting import media_names
from talk_calls.reports.live import calls_with_flag


class KindFilter(SimpleListFilter):
    """By the kind of the conversation."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in ConversationType.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        value = self.value()
        if value is None or value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(conversation__type=value)


class MediaFilter(SimpleListFilter):
    """By the media that anybody in the call sends."""

    title = "media"
    parameter_name = "media"

    _flags = (InCallFlag.WITH_AUDIO, InCallFlag.WITH_VIDEO, InCallFlag.WITH_PHONE)

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(str(flag), f"with {media_names(flag)[0]}") for flag in self._flags]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return calls_with_flag(queryset, int(self.value() or 0), clock.now())
