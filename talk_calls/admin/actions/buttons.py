"""Actions as buttons on an object's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from talk_calls.admin.actions.base import AdminAction


@dataclass(frozen=True)
class ActionButtons:
    """The actions that an operator is offered for one object.

    The buttons post to ``url``, the list that has ``obj``. ``page`` is the address to return to,
    unless the action deletes what is shown there.
    """

    obj: Model
    actions: list[AdminAction[Any]]
    url: str
    page: str


def action_buttons(
    actions: Iterable[AdminAction[Any]], obj: Model, request: HttpRequest, site_name: str
) -> ActionButtons:
    """Return the buttons for ``obj`` on the page of ``request``.

    They are those of ``actions`` that the user has the permission for and that would change
    ``obj``. ``site_name`` is the name of the admin site.
    """
    url = reverse(f"admin:talk_calls_{obj._meta.model_name}_changelist", current_app=site_name)
    offered = [
        action
        for action in actions
        if action.is_permitted(request.user) and action.is_applicable(obj)
    ]
    return ActionButtons(obj, offered, url, request.path)
