"""What all pages share: records are looked at and not typed in."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path


class TalkAdmin(admin.ModelAdmin):
    """Base of all pages of ours; a subclass may have pages beside Django's.

    ``pages`` maps a route below the list's, such as ``"why/"``, to the name of the method that
    answers it and so of the URL: ``admin:talk_calls_<model>_<method>``.
    """

    pages: dict[str, str] = {}

    class Media:
        """Styles of our own, on top of the theme's."""

        css = {"all": ["talk_calls/admin/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Put the pages before Django's, which end with one that takes any word for a key."""
        own = [
            path(route, self.admin_site.admin_view(getattr(self, name)), name=self._url_name(name))
            for route, name in self.pages.items()
        ]
        return [*own, *super().get_urls()]

    def page(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> TemplateResponse:
        """Return a page with the frame of the admin around ``admin/talk_calls/<template>``.

        Templates extend ``admin/talk_calls/page.html`` and have ``title``, ``opts`` and ``media``.
        """
        frame = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, f"admin/talk_calls/{template}", {**frame, **context})

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"


class ReadOnlyMixin(BaseModelAdmin):
    """Nothing is added, changed or deleted: that would tell of something that did not happen."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
