"""What all admins of this app share."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from talk_calls.constants import SEARCH_MAX_LENGTH
from talk_calls.db import transactions


class TalkAdmin(admin.ModelAdmin):
    """Base of the admins, which may have pages beside Django's.

    ``pages`` maps a route below that of the list, such as ``"why/"``, to the name of the method
    that answers it. The name of the URL is ``admin:talk_calls_<model>_<method>``.
    """

    pages: dict[str, str] = {}

    class Media:
        css = {"all": ["talk_calls/admin/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Put the pages first, because Django's last route takes any text for a primary key."""
        own = [
            path(route, self.admin_site.admin_view(getattr(self, name)), name=self._url_name(name))
            for route, name in self.pages.items()
        ]
        return [*own, *super().get_urls()]

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


class ReadOnlyMixin(BaseModelAdmin):
    """Refuses to add, change and delete: records of what happened are not edited."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
