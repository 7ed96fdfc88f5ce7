"""``AdminAction`` in a ``ModelAdmin``: in the list's menu, and as buttons on an object's page."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.buttons import action_buttons
from talk_calls.admin.base import TalkAdmin


class AdminActionsMixin(TalkAdmin):
    """Offers the instances of ``AdminAction`` in ``actions`` to operators with their permission."""

    actions: Sequence[AdminAction[Any]] = ()
    change_form_template = "admin/talk_calls/change_form_with_actions.html"

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        """Leave out actions without permission. Django 6.1 passes a place on the page."""
        location = {} if action_location is None else {"action_location": action_location}
        actions: dict[str, Any] = super().get_actions(request, **location)
        refused = {each.name for each in self.actions if not each.is_permitted(request.user)}
        return {name: action for name, action in actions.items() if name not in refused}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Answer 403 to an action without permission; Django would ignore it."""
        requested = request.POST.getlist("action")
        for action in self.actions:
            if action.name in requested and not action.is_permitted(request.user):
                raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, object]:
        buttons = action_buttons(self.actions, obj, request, self.admin_site.name)
        return super().object_context(request, obj) | {"buttons": buttons}


class DeleteByActionMixin(AdminActionsMixin):
    """For objects that one of the actions deletes: Django's own way to delete is not offered.

    The delete permission is granted all the same, because Django asks for it when a user or a
    conversation is deleted, for everything that is deleted with them.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may_act = any(
            action.deletes_object and action.is_permitted(request.user) for action in self.actions
        )
        return may_act or super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        actions = super().get_actions(request, action_location)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        raise PermissionDenied

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, object]:
        return super().object_context(request, obj) | {"show_delete": False}
