"""Receivers for what changes in the host: users renamed, groups deleted, memberships, logouts.

Users who are deleted are erased (``privacy.receivers``).
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_out
from django.db.models import QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.http import HttpRequest

from talk_calls.constants import SessionEnd
from talk_calls.db import transactions
from talk_calls.exceptions import NoSuchConversation
from talk_calls.host import browser_sessions, clock
from talk_calls.host.actors import Actor, HostUser
from talk_calls.host.directory import has_django_groups
from talk_calls.models import Attendee, Call, Conversation, DaySummary, Session
from talk_calls.services import aliases, conversations, groups, participants, sessions, users
from talk_calls.services.deletion_mark import is_closed

#: Where an account that is being saved has the values that it had.
_BEFORE = "_talk_calls_before"

#: Columns of accounts on which nothing depends that is stored here.
_NOT_FOLLOWED = {"last_login", "password"}


def connect() -> None:
    """Connect the receivers; called once when the app is ready."""
    # Connect per model: a receiver for all models would slow down every deletion of the site.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            uid = f"talk_calls.read_user.{model._meta.label}"
            pre_save.connect(read_user, sender=model, dispatch_uid=uid)
            uid = f"talk_calls.follow_user.{model._meta.label}"
            post_save.connect(follow_user, sender=model, dispatch_uid=uid)
    pre_delete.connect(
        close_deleted_conversation,
        sender=Conversation,
        dispatch_uid="talk_calls.close_deleted_conversation",
    )
    pre_delete.connect(
        forget_deleted_call, sender=Call, dispatch_uid="talk_calls.forget_deleted_call"
    )
    pre_delete.connect(
        close_deleted_attendee, sender=Attendee, dispatch_uid="talk_calls.close_deleted_attendee"
    )
    if has_django_groups():
        memberships = get_user_model().groups.through
        m2m_changed.connect(
            follow_members, sender=memberships, dispatch_uid="talk_calls.follow_members"
        )
        post_delete.connect(
            forget_deleted_group, sender=Group, dispatch_uid="talk_calls.forget_deleted_group"
        )
        post_save.connect(
            follow_group_name, sender=Group, dispatch_uid="talk_calls.follow_group_name"
        )
    user_logged_out.connect(leave_on_logout, dispatch_uid="talk_calls.leave_on_logout")


def _of_our_database(receiver: Callable[..., None]) -> Callable[..., None]:
    """Call ``receiver`` only for changes in the database of the app.

    A site may copy its users to another database and delete them there. Django always names the
    database; other senders of its signals may not, and are taken to mean this one.
    """

    @wraps(receiver)
    def follow(*, using: str | None = None, **kwargs: object) -> None:
        if using is None or using == transactions.alias():
            receiver(**kwargs)

    return follow


@_of_our_database
def forget_deleted_call(instance: Call, origin: object = None, **kwargs: object) -> None:
    """Count the days of a call that is being deleted again."""
    if is_closed(origin):
        return
    DaySummary.objects.between(instance.started_at, instance.ended_at).mark_stale()


@_of_our_database
def read_user(
    instance: HostUser,
    raw: bool = False,
    update_fields: Collection[str] | None = None,
    **kwargs: object,
) -> None:
    """Read an account as it is before it is saved, where the save may change what is followed.

    Costs one query; none for new accounts, and for a login or a new password, which name the fields
    that they save.
    """
    vars(instance).pop(_BEFORE, None)
    fields = {
        field.attname
        for field in get_user_model()._meta.concrete_fields
        if update_fields is None or field.name in update_fields or field.attname in update_fields
    }
    followed = fields & vars(instance).keys() - _NOT_FOLLOWED
    is_new = instance._state.adding
    if followed and not raw and not is_new:
        # Not the default manager, which may leave out inactive accounts.
        manager = get_user_model()._base_manager
        rows = manager.using(transactions.alias()).filter(pk=instance.pk)
        vars(instance)[_BEFORE] = rows.values(*followed).first()


@_of_our_database
def follow_user(instance: HostUser, **kwargs: object) -> None:
    """Follow an account that was changed, once that is committed; errors are only logged then.

    What it was called before is stored at once, as nobody knows it later.
    """
    before = vars(instance).pop(_BEFORE, None) or {}
    if all(getattr(instance, field) == value for field, value in before.items()):
        return
    user_pk = instance.pk
    aliases.note(user=instance, before=before, now=clock.now())

    def follow() -> None:
        users.follow(user_pks=[user_pk], now=clock.now())

    transactions.on_commit(follow, robust=True)


@_of_our_database
def close_deleted_conversation(
    instance: Conversation, origin: object = None, **kwargs: object
) -> None:
    """End the call of a conversation that the host deletes, as ``conversations.delete`` does."""
    if is_closed(origin):
        return
    with suppress(NoSuchConversation):
        conversations.close(conversation=instance, now=clock.now())


@_of_our_database
def close_deleted_attendee(instance: Attendee, origin: object = None, **kwargs: object) -> None:
    """Take an attendee whom the host deletes out of the call, as ``participants.remove`` does.

    If the whole conversation is deleted, ``close_deleted_conversation`` does that for all.
    """
    if is_closed(origin) or _deletes_conversations(origin) or not instance.sessions.exists():
        return
    with suppress(NoSuchConversation):
        participants.close(attendee=instance, now=clock.now())


def _deletes_conversations(origin: object) -> bool:
    model = origin.model if isinstance(origin, QuerySet) else type(origin)
    return issubclass(model, Conversation)


@_of_our_database
def follow_members(
    instance: HostUser | Group,
    action: str,
    reverse: bool,
    pk_set: set[Any] | None,
    **kwargs: object,
) -> None:
    """Add and remove attendees as the members of groups change.

    ``instance`` is a user, or with ``reverse`` a group; ``pk_set`` are the primary keys of the
    other side. Before a clear they are stored in ``instance``, since they cannot be read after it.
    """
    match action:
        case "post_add" | "post_remove":
            _follow_later(instance, reverse, pk_set or set())
        case "pre_clear":
            vars(instance)["_talk_cleared"] = _others(instance, reverse)
        case "post_clear":
            _follow_later(instance, reverse, vars(instance).pop("_talk_cleared", set()))


def _others(instance: HostUser | Group, reverse: bool) -> set[Any]:
    """Return the primary keys of a group's members, or of a user's groups."""
    groups: Any = get_user_model()._meta.get_field("groups")
    accessor = groups.remote_field.get_accessor_name() if reverse else groups.name
    related = getattr(instance, accessor).using(transactions.alias())
    return set(related.values_list("pk", flat=True))


def _follow_later(instance: HostUser | Group, reverse: bool, pk_set: set[Any]) -> None:
    """Update attendees once the host's transaction is committed; errors are only logged then."""
    pairs = [(instance.pk, pk_set)] if reverse else [(pk, {instance.pk}) for pk in sorted(pk_set)]

    def follow() -> None:
        for group_pk, user_pks in pairs:
            groups.follow(group_pk=group_pk, user_pks=user_pks, now=clock.now())

    transactions.on_commit(follow, robust=True)


@_of_our_database
def forget_deleted_group(instance: Group, **kwargs: object) -> None:
    """Remove a group from its conversations once its deletion is committed."""
    group_pk = instance.pk

    def forget() -> None:
        groups.deleted(group_pk=group_pk, now=clock.now())

    transactions.on_commit(forget, robust=True)


@_of_our_database
def follow_group_name(instance: Group, created: bool, **kwargs: object) -> None:
    """Store the new name of a group in its conversations."""
    if not created:
        groups.renamed(group_pk=instance.pk, name=str(instance))


def leave_on_logout(request: HttpRequest, user: HostUser | None, **kwargs: object) -> None:
    """Close the sessions of this browser, but not of other devices (behaviour 4.6)."""
    if user is None or not hasattr(request, "session"):
        return
    session_pks = browser_sessions.get_all(request.session, Actor(user))
    for session in Session.objects.filter(pk__in=session_pks, attendee__user=user):
        sessions.leave(session=session, now=clock.now(), end=SessionEnd.LOGGED_OUT)
