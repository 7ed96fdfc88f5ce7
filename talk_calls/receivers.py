"""What happens in the host that conversations have to follow."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import m2m_changed, post_save, pre_delete
from django.http import HttpRequest

from talk_calls import clock
from talk_calls.actors import Actor, HostUser
from talk_calls.api import remembered
from talk_calls.conf import conf
from talk_calls.models import Session
from talk_calls.services import conversations, groups, sessions


def connect() -> None:
    """Bind the receivers; called once when the app is ready."""
    # Each model by name: a receiver of all models would make every deletion of the site slow.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            uid = f"talk_calls.forget_deleted_user.{model._meta.label}"
            pre_delete.connect(forget_deleted_user, sender=model, dispatch_uid=uid)
    if (memberships := memberships_of_users()) is not None:
        m2m_changed.connect(
            follow_members, sender=memberships, dispatch_uid="talk_calls.follow_members"
        )
        pre_delete.connect(
            forget_deleted_group, sender=Group, dispatch_uid="talk_calls.forget_deleted_group"
        )
        post_save.connect(
            follow_group_name, sender=Group, dispatch_uid="talk_calls.follow_group_name"
        )
    user_logged_out.connect(leave_on_logout, dispatch_uid="talk_calls.leave_on_logout")


def forget_deleted_user(instance: HostUser, **kwargs: Any) -> None:
    """Take an account that is being deleted out of its calls, before its rows cascade."""
    conversations.forget_user(user=instance, now=clock.now())


def memberships_of_users() -> Any:
    """Return the table of who is in which group, or None where users have no groups."""
    groups_of = getattr(get_user_model(), "groups", None)
    return getattr(groups_of, "through", None)


def follow_members(
    instance: Any, action: str, reverse: bool, pk_set: set[Any] | None, **kwargs: Any
) -> None:
    """Let conversations follow their groups; ``instance`` is a user, or with ``reverse`` a group.

    Who is in a group before it is cleared is noted first, as afterwards nobody knows.
    """
    match action:
        case "post_add" | "post_remove":
            _follow(action, _pairs(instance, reverse, pk_set or set()))
        case "pre_clear":
            others = instance.user_set if reverse else instance.groups
            vars(instance)["_talk_cleared"] = set(others.values_list("pk", flat=True))
        case "post_clear":
            cleared = vars(instance).pop("_talk_cleared", set())
            _follow("post_remove", _pairs(instance, reverse, cleared))


def _pairs(instance: Any, reverse: bool, pk_set: set[Any]) -> Iterator[tuple[Any, set[Any]]]:
    """Return groups, and the keys of the users who joined or left each."""
    if reverse:
        yield instance, pk_set
        return
    for group in Group.objects.filter(pk__in=pk_set):
        yield group, {instance.pk}


def _follow(action: str, pairs: Iterable[tuple[Any, set[Any]]]) -> None:
    for group, user_pks in pairs:
        if action == "post_add":
            users = conf.directory.find_users(user_pks)
            groups.members_added(group=group, users=users, now=clock.now())
        else:
            groups.members_removed(group=group, user_pks=user_pks, now=clock.now())


def forget_deleted_group(instance: Group, **kwargs: Any) -> None:
    """Take a group that is being deleted out of its conversations."""
    groups.deleted(group=instance, now=clock.now())


def follow_group_name(instance: Group, created: bool, **kwargs: Any) -> None:
    """Show the new name of a group where it attends."""
    if not created:
        groups.renamed(group=instance)


def leave_on_logout(request: HttpRequest, user: HostUser | None, **kwargs: Any) -> None:
    """Leave the conversations that this browser is in; other devices stay (talk-api.md 4.6)."""
    if user is None or not hasattr(request, "session"):
        return
    own = remembered.recall_all(request.session, Actor(user))
    for session in Session.objects.filter(pk__in=own, attendee__user=user):
        sessions.leave(session=session, now=clock.now())
