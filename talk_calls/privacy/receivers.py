"""Erasing the users whose accounts the site deletes, in whatever way."""

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete

from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.privacy import erasure


def connect() -> None:
    """Connect the receivers; called once when the app is ready."""
    # Per model: a receiver for all models would slow down every deletion of the site.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            uid = f"talk_calls.erase_deleted_user.{model._meta.label}"
            pre_delete.connect(erase_deleted_user, sender=model, dispatch_uid=uid)


def erase_deleted_user(instance: HostUser, using: str | None = None, **kwargs: object) -> None:
    """Erase a user whose account is being deleted, before its rows cascade.

    All of it is in the transaction of the deletion. A site may copy its users to another database
    and delete them there, which is none of this.
    """
    if using is None or using == transactions.alias():
        erasure.erase(instance, now=clock.now())
