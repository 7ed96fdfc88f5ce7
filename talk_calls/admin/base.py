"""What all pages share: records are looked at and not typed in."""

from typing import Any

from django.contrib.admin.options import BaseModelAdmin, InlineModelAdmin
from django.http import HttpRequest


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


class ReadOnlyInline(ReadOnlyMixin, InlineModelAdmin):
    """A table inside another page."""

    template = "admin/edit_inline/tabular.html"
    extra = 0
    can_delete = False
