"""What a new conversation is made with besides its name, and the checks of that (behaviour 6.1)."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import (
    DESCRIPTION_MAX_LENGTH,
    OBJECT_MAX_BYTES,
    RESERVED_OBJECT_TYPES,
    ConsentRule,
    ConversationType,
    Listable,
    LobbyState,
    Permission,
    PermissionChange,
    ReadOnly,
    RecordingConsent,
)
from talk_calls.exceptions import ConsentNotOffered, InvalidValue, NotPublic
from talk_calls.host import hashing
from talk_calls.models import Conversation
from talk_calls.services import permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationOptions:
    """Settings of a new group or public conversation besides its name (behaviour 6.1).

    ``lobby_timer`` is when the lobby opens by itself. ``permissions`` are the default ones of
    attendees. ``object_type`` and ``object_id`` name the object that the conversation belongs to.
    """

    description: str = ""
    password: str = ""
    read_only: ReadOnly = ReadOnly.READ_WRITE
    listable: Listable = Listable.PARTICIPANTS
    lobby_state: LobbyState = LobbyState.NONE
    lobby_timer: datetime | None = None
    permissions: int = Permission.DEFAULT
    recording_consent: RecordingConsent = RecordingConsent.NOT_NEEDED
    object_type: str = ""
    object_id: str = ""


DEFAULT_OPTIONS = ConversationOptions()


def checked_description(description: str) -> str:
    """Return the trimmed description; raises ``InvalidValue`` beyond 500 characters."""
    description = description.strip()
    if len(description) > DESCRIPTION_MAX_LENGTH:
        raise InvalidValue(
            _("The description is longer than {most} characters."), most=DESCRIPTION_MAX_LENGTH
        )
    return description


def hashed_password(password: str) -> str:
    """Return the slow hash of a password, empty for none; raises ``ServerBusy``."""
    if not password:
        return ""
    with hashing.limited():
        return make_password(password)


def unsaved(kind: ConversationType, name: str, options: ConversationOptions) -> Conversation:
    """Return a conversation without a token, that is not saved.

    Raises ``InvalidValue`` for options that could not be set later either, ``NotPublic`` for a
    password of a group conversation, ``ConsentNotOffered``, and ``ServerBusy``.
    """
    _check_options(kind, options)
    default_permissions = policies.changed_permissions(0, PermissionChange.SET, options.permissions)
    return Conversation(
        type=kind,
        name=name,
        description=checked_description(options.description),
        password=hashed_password(options.password),
        read_only=options.read_only,
        listable=options.listable,
        lobby_state=options.lobby_state,
        lobby_timer=options.lobby_timer if options.lobby_state else None,
        default_permissions=default_permissions,
        recording_consent=options.recording_consent,
        object_type=options.object_type,
        object_id=options.object_id,
    )


def _check_options(kind: ConversationType, options: ConversationOptions) -> None:
    if options.password and kind != ConversationType.PUBLIC:
        raise NotPublic
    needs_consent = options.recording_consent == RecordingConsent.NEEDED
    if needs_consent and conf.recording_consent != ConsentRule.OPTIONAL:
        raise ConsentNotOffered
    permissions.check(options.permissions)
    named = (options.object_type, options.object_id)
    if all(named) != any(named) or any(len(n.encode()) > OBJECT_MAX_BYTES for n in named):
        raise InvalidValue(
            _("An object has a type and an id, of up to {most} bytes."), most=OBJECT_MAX_BYTES
        )
    if options.object_type in RESERVED_OBJECT_TYPES:
        raise InvalidValue(_("Conversations of that kind are not made here."))
    if options.object_type and options.lobby_state:
        raise InvalidValue(_("A conversation that belongs to something has no lobby."))
