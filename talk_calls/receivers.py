"""What happens in the host that conversations have to follow."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import pre_delete
from django.http import HttpRequest

from talk_calls import clock
from talk_calls.actors import Actor, HostUser
from talk_calls.api import remembered
from talk_calls.models import Session
from talk_calls.services import conversations, sessions


def connect() -> None:
    """Bind the receivers; called once when the app is ready."""
    # Each model by name: a receiver of all models would make every deletion of the site slow.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            uid = f"talk_calls.forget_deleted_user.{model._meta.label}"
            pre_delete.connect(forget_deleted_user, sender=model, dispatch_uid=uid)
    user_logged_out.connect(leave_on_logout, dispatch_uid="talk_calls.leave_on_logout")


def forget_deleted_user(instance: HostUser, **kwargs: Any) -> None:
    """Take an account that is being deleted out of its calls, before its rows cascade."""
    conversations.forget_user(user=instance, now=clock.now())


def leave_on_logout(request: HttpRequest, user: HostUser | None, **kwargs: Any) -> None:
    """Leave the conversations that this browser is in; other devices stay (talk-api.md 4.6)."""
    if user is None or not hasattr(request, "session"):
        return
    own = remembered.recall_all(request.session, Actor(user))
    for session in Session.objects.filter(pk__in=own, attendee__user=user):
        sessions.leave(session=session, now=clock.now())
