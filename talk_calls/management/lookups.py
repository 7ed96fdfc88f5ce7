"""Conversations, users and endpoints that an operator names on the command line."""

import difflib
from collections.abc import Iterable

from django.core.management.base import CommandError

from talk_calls.host import accounts
from talk_calls.host.actors import HostUser
from talk_calls.management.base import failure
from talk_calls.management.texts import lazy as _
from talk_calls.models import Conversation, WebhookEndpoint

_HOW_TO_NAME = _("Name users by user name, e-mail address or primary key; names in the same case.")


def get_conversation(token: str) -> Conversation:
    """Return the conversation with this token; raises ``CommandError``, which suggests a token."""
    conversation = Conversation.objects.filter(token=token).first()
    if conversation is not None:
        return conversation
    similar = difflib.get_close_matches(token, _tokens_like(token), n=1)
    hint = (
        _("Did you mean {token!r}?").format(token=similar[0])
        if similar
        else _("talk_conversation list shows all of them.")
    )
    raise failure(_("There is no conversation {token!r}.").format(token=token), hint)


def get_group_conversation(token: str) -> Conversation:
    """Return a conversation that is not one-to-one, since those cannot be managed.

    Raises ``CommandError`` if it is, or does not exist.
    """
    conversation = get_conversation(token)
    if conversation.is_one_to_one:
        raise failure(
            _("{token!r} is a one-to-one conversation.").format(token=token),
            _("Only group and public conversations can be changed."),
        )
    return conversation


def get_endpoint(name: str) -> WebhookEndpoint:
    """Return the endpoint of webhooks with this name; raises ``CommandError``, with a name."""
    endpoint = WebhookEndpoint.objects.filter(name=name).first()
    if endpoint is not None:
        return endpoint
    known = WebhookEndpoint.objects.values_list("name", flat=True)
    similar = difflib.get_close_matches(name, known, n=1)
    hint = (
        _("Did you mean {name!r}?").format(name=similar[0])
        if similar
        else _("talk_webhook list shows all of them.")
    )
    raise failure(_("There is no endpoint {name!r}.").format(name=name), hint)


def find_user(name: str) -> HostUser | None:
    """Return the active user whom an operator names, or None.

    ``name`` is a primary key, a user name, an e-mail address, or the id by which clients know the
    user. Raises ``CommandError`` if it names several.
    """
    found = accounts.accounts_named(name)
    if len(found) > 1:
        raise ambiguous(name, found)
    return found[0] if found else None


def get_user(name: str) -> HostUser:
    """Return what ``find_user`` does; raises ``CommandError`` also if there is none."""
    user = find_user(name)
    if user is None:
        raise failure(
            _("There is no active user {name!r}.").format(name=name),
            _HOW_TO_NAME,
        )
    return user


def get_account(name: str) -> HostUser:
    """Return the user whom an operator names, active or not; raises as ``get_user``."""
    found = accounts.all_accounts_named(name)
    if len(found) > 1:
        raise ambiguous(name, found)
    if not found:
        raise failure(_("There is no user {name!r}.").format(name=name), _HOW_TO_NAME)
    return found[0]


def ambiguous(name: str, users: Iterable[HostUser]) -> CommandError:
    """Return the error of a name that several accounts have, with what distinguishes them."""
    candidates = "; ".join(map(accounts.describe, users))
    message = _("{name!r} is ambiguous: {candidates}.").format(name=name, candidates=candidates)
    return failure(message, _("Write what only one of them has."))


def _tokens_like(token: str) -> list[str]:
    conversations = Conversation.objects.filter(token__startswith=token[:2])
    return list(conversations.values_list("token", flat=True)[:1000])
