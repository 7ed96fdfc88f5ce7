"""Filters of the lists of calls, of conversations and of deliveries."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import ConversationType, InCallFlag, LegReason, ReadOnly
from talk_calls.host import clock
from talk_calls.models import Call, Conversation, WebhookDelivery
from talk_calls.reports.call_ends import reason_text
from talk_calls.reports.conversations import lobby_is_up
from talk_calls.reports.formatting import media_text
from talk_calls.reports.live import calls_with_flag
from talk_calls.reports.webhooks import type_choices


class KindFilter(SimpleListFilter):
    """By the kind of the conversation."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in ConversationType.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        value = self.value()
        if value is None or value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(conversation__type=value)


class ReasonFilter(SimpleListFilter):
    """By why a call ended, as the list shows it, or that it goes on."""

    title = _("why it ended")
    parameter_name = "why"

    _GOES_ON = "goes_on"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        reasons = [(reason.value, reason_text(reason)) for reason in LegReason]
        return [(self._GOES_ON, reason_text("")), *reasons]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        value = self.value()
        if value is None or value not in dict(self.lookup_choices):
            return queryset
        shown: QuerySet[Any] = queryset  # with the annotations of `with_ends`
        return shown.filter(effective_reason="" if value == self._GOES_ON else value)


class MediaFilter(SimpleListFilter):
    """By the media that anybody in the call sends."""

    title = _("media")
    parameter_name = "media"

    _flags = (InCallFlag.WITH_AUDIO, InCallFlag.WITH_VIDEO, InCallFlag.WITH_PHONE)

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [
            (str(flag), str(_("with {media}")).format(media=media_text(flag)))
            for flag in self._flags
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return calls_with_flag(queryset, int(self.value() or 0), clock.now())


class LockFilter(SimpleListFilter):
    """By whether a conversation is locked."""

    title = _("lock")
    parameter_name = "locked"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("1", str(_("locked"))), ("0", str(_("not locked")))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Conversation]
    ) -> QuerySet[Conversation]:
        match self.value():
            case "1":
                return queryset.filter(read_only=ReadOnly.READ_ONLY)
            case "0":
                return queryset.exclude(read_only=ReadOnly.READ_ONLY)
        return queryset


class LobbyFilter(SimpleListFilter):
    """By whether the lobby of a conversation is up."""

    title = _("lobby")
    parameter_name = "lobby"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("1", str(_("up"))), ("0", str(_("down")))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Conversation]
    ) -> QuerySet[Conversation]:
        match self.value():
            case "1":
                return queryset.filter(lobby_is_up(clock.now()))
            case "0":
                return queryset.exclude(lobby_is_up(clock.now()))
        return queryset


class EventTypeFilter(SimpleListFilter):
    """By the type of the event that was delivered."""

    title = _("event")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [choice for _, types in type_choices() for choice in types]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> QuerySet[WebhookDelivery]:
        value = self.value()
        if value is None or value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(event__type=value)
