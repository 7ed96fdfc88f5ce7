"""Pages of the admin with deeds: actions of the list, and buttons on an object's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from talk_calls.admin.actions.deed import Deed
from talk_calls.admin.base import TalkAdmin


@dataclass(frozen=True)
class Buttons:
    """The deeds that somebody may do to a row; they post to ``url``, the row's list.

    ``page`` is where to go afterwards, if it still exists then.
    """

    row: Model
    deeds: list[Deed]
    url: str
    page: str


def buttons(deeds: Iterable[Deed], row: Model, request: HttpRequest, site: str) -> Buttons:
    """Return the buttons for a row on the page of ``request``; ``site`` is the admin's name."""
    url = reverse(f"admin:talk_calls_{row._meta.model_name}_changelist", current_app=site)
    offered = [deed for deed in deeds if deed.allowed(request.user) and deed.fits(row)]
    return Buttons(row, offered, url, request.path)


class SteeredAdmin(TalkAdmin):
    """Base of pages on which operators do something; ``deeds`` says what."""

    deeds: tuple[Deed, ...] = ()
    change_form_template = "admin/talk_calls/steered.html"

    def __init__(self, model: type[Model], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.actions = [*(self.actions or ()), *self.deeds]

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        """Leave out what this operator may not do; Django 6.1 asks for a place on the page."""
        where = {} if action_location is None else {"action_location": action_location}
        actions: dict[str, Any] = super().get_actions(request, **where)
        refused = {deed.name for deed in self.deeds if not deed.allowed(request.user)}
        return {name: action for name, action in actions.items() if name not in refused}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Refuse aloud who tries a deed without its permission."""
        tried = request.POST.getlist("action")
        for deed in self.deeds:
            if deed.name in tried and not deed.allowed(request.user):
                raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the buttons."""
        row = context.get("original")
        if row is not None:
            context["buttons"] = buttons(self.deeds, row, request, self.admin_site.name)
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer


class RemovedByDeedAdmin(SteeredAdmin):
    """Rows that one of the deeds removes, so that Django's own deleting is not offered.

    The permission is there all the same: deleting a user or a conversation asks for that of
    everything that goes with it.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow who may do the deed, or may delete such rows."""
        removing = any(not deed.keeps and deed.allowed(request.user) for deed in self.deeds)
        return removing or super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        """Leave out deleting."""
        actions = super().get_actions(request, action_location)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse."""
        raise PermissionDenied

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show no button that deletes."""
        context["show_delete"] = False
        return super().render_change_form(request, context, *args, **kwargs)
