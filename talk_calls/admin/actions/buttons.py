"""Actions as buttons on an object's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic

from django.http import HttpRequest
from django.urls import reverse

from talk_calls.admin.actions.base import AdminAction, M


@dataclass(frozen=True)
class ActionButtons(Generic[M]):
    """The actions that an operator is offered for one object.

    The buttons post to ``url``, the list that has ``obj``. ``page`` is the address to return to,
    unless the action deletes what is shown there.
    """

    obj: M
    actions: list[AdminAction[M]]
    url: str
    page: str


def action_buttons(
    actions: Iterable[AdminAction[M]], obj: M, request: HttpRequest, site_name: str
) -> ActionButtons[M]:
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
