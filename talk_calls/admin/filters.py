"""What lists of calls are narrowed down by."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from talk_calls.constants import ConversationType, InCallFlag
from talk_calls.host import clock
from talk_calls.reports.live import calls_sending
from talk_calls.reports.words import media


class KindFilter(SimpleListFilter):
    """By the kind of the conversation."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Offer all kinds."""
        return [(str(value), str(label)) for value, label in ConversationType.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the kind that was chosen; a kind that is none is all."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(conversation__type=self.value())


class MediaFilter(SimpleListFilter):
    """By what anybody who is in sends."""

    title = "media"
    parameter_name = "media"

    _flags = (InCallFlag.WITH_AUDIO, InCallFlag.WITH_VIDEO, InCallFlag.WITH_PHONE)

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Offer each way of taking part."""
        return [(str(flag), f"with {media(flag)[0]}") for flag in self._flags]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep calls in which somebody takes part so; a way that is none is all."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return calls_sending(queryset, int(self.value() or 0), clock.now())
