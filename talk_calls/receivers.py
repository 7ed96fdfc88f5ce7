"""What happens in the host that conversations have to follow."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete
from django.utils import timezone

from talk_calls.actors import HostUser
from talk_calls.services import participants


def connect() -> None:
    """Bind the receivers; called once when the app is ready."""
    pre_delete.connect(
        forget_deleted_user, sender=get_user_model(), dispatch_uid="talk_calls.forget_deleted_user"
    )


def forget_deleted_user(instance: HostUser, **kwargs: Any) -> None:
    """Take an account that is being deleted out of its calls, before its rows cascade."""
    participants.forget_user(user=instance, now=timezone.now())
