"""What all admins of this app share."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import NotRelationField, get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import url_params_from_lookup_dict
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise, lazy
from django.utils.text import capfirst

from talk_calls.constants import SEARCH_MAX_LENGTH
from talk_calls.db import transactions
from talk_calls.reports.formatting import EMPTY_VALUE, datetime_cell, with_zone

#: What Django's filters ask of a foreign key.
_RELATION_LOOKUPS = frozenset({"exact", "in", "isnull"})


#: A text that is translated when it is shown.
Text = str | Promise


class TalkAdmin(admin.ModelAdmin):
    """Base of the admins, which may have pages beside Django's.

    ``pages`` maps a route below that of the list, such as ``"why/"``, to the name of the method
    that answers it. The name of the URL is ``admin:talk_calls_<model>_<method>``.
    """

    pages: dict[str, str] = {}

    #: Parameters by which pages of this app link to the list, beside those of its filters.
    link_lookups: frozenset[str] = frozenset()

    #: Django's own is a hyphen.
    empty_value_display = EMPTY_VALUE

    class Media:
        css = {"all": ["talk_calls/admin/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Put the pages first, because Django's last route takes any text for a primary key."""
        own = [
            path(route, self.admin_site.admin_view(getattr(self, name)), name=self._url_name(name))
            for route, name in self.pages.items()
        ]
        return [*own, *super().get_urls()]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow only the parameters of this list's filters, and those of links to it.

        Django allows every column of the model, by any look-up. Whoever may only see the list could
        so find out each letter of a secret in a row, as by ``?password__startswith=``. What is
        allowed is ``list_filter``, ``date_hierarchy``, ``link_lookups``, and what a foreign key of
        the site limits its choices to.
        """
        if lookup in self.link_lookups or self._limits_choices(lookup, value):
            return True
        filters = self.get_list_filter(request) if request is not None else self.list_filter
        names = [_filtered_by(each) for each in filters]
        if self.date_hierarchy:
            names.append(self.date_hierarchy)
        return any(self._is_of_filter(lookup, name) for name in names)

    def _limits_choices(self, lookup: str, value: Any) -> bool:
        """Tell whether a popup of a form of the site opens the list by this, as Django does."""
        limits = (limit() if callable(limit) else limit for limit in self.opts.related_fkey_lookups)
        return any((lookup, value) in url_params_from_lookup_dict(each).items() for each in limits)

    def _is_of_filter(self, lookup: str, name: str) -> bool:
        """Tell whether a parameter is that of a filter, or its field with a look-up.

        From a foreign key no look-up leads on to other fields of the model that it points to.
        """
        if lookup == name:
            return True
        if not lookup.startswith(f"{name}{LOOKUP_SEP}"):
            return False
        try:
            field: Any = get_fields_from_path(self.model, name)[-1]
        except (FieldDoesNotExist, NotRelationField):
            return False  # the parameter of a filter that is no field
        if not field.is_relation:
            return True
        target = field.target_field.name
        rest = lookup.removeprefix(f"{name}{LOOKUP_SEP}").removeprefix(f"{target}{LOOKUP_SEP}")
        return rest in _RELATION_LOOKUPS

    def page(
        self, request: HttpRequest, template: str, title: str, **context: object
    ) -> TemplateResponse:
        """Return a page of ``admin/talk_calls/<template>``, which extends ``page.html``."""
        frame = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, f"admin/talk_calls/{template}", {**frame, **context})

    def url_of(self, name: str, *arguments: object) -> str:
        """Return the path of a page of the admin site that this admin is registered on."""
        return reverse(f"admin:{name}", args=arguments, current_app=self.admin_site.name)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """Look for what a form names where the app writes: a replica may not have it yet."""
        return super().formfield_for_foreignkey(
            db_field, request, **{"using": transactions.alias(), **kwargs}
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find nothing by a text that is too long to search for."""
        if len(search_term) > SEARCH_MAX_LENGTH:
            return queryset.none(), False
        return self.search(request, queryset, search_term)

    def search(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what Django finds in ``search_fields``; subclasses may search in another way."""
        return super().get_search_results(request, queryset, search_term)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name what the list holds; Django asks to select something, where people only look."""
        title = {"title": capfirst(str(self.opts.verbose_name_plural))}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Offer no actions where there is nothing, and to show all only where a part is shown."""
        shown = super().get_changelist_instance(request)
        if not shown.result_count:
            shown.show_admin_actions = False
        if shown.full_result_count is None and not shown.get_filters_params() and not shown.query:
            shown.full_result_count = shown.result_count
        return shown

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, object]:
        """Return what the page of ``obj`` shows beside its form; subclasses add to it."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = context["original"]
        if obj is not None:
            context |= self.object_context(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"


def _filtered_by(filter_item: Any) -> str:
    """Return the field of an entry of ``list_filter``, or the parameter of one without a field."""
    if isinstance(filter_item, (list, tuple)):
        return str(filter_item[0])
    return str(getattr(filter_item, "parameter_name", filter_item))


def time_column(field: str, heading: Text) -> Callable[[ModelAdmin, Any], str]:
    """Return a column, and field of a page, with the time in a field; its heading names the zone.

    Django writes times in the format of the reader's language, and without a zone.
    """

    @admin.display(description=lazy(lambda: with_zone(str(heading)), str)(), ordering=field)
    def column(model_admin: ModelAdmin, row: Any) -> str:
        at = getattr(row, field)
        return datetime_cell(at) if at else EMPTY_VALUE

    return column


class ReadOnlyMixin(BaseModelAdmin):
    """Refuses to add, change and delete: records of what happened are not edited."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
