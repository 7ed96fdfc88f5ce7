"""What a new conversation is made with besides its name, and the checks of that (behaviour 6.1)."""

from collections.abc import Iterator
from contextlib import contextmanager
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
    MentionPermissions,
    Permission,
    PermissionChange,
    ReadOnly,
    RecordingConsent,
)
from talk_calls.exceptions import ConsentNotOffered, InvalidSetting, InvalidValue, NotPublic
from talk_calls.host import hashing
from talk_calls.models import Conversation
from talk_calls.services import permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationOptions:
    """Settings of a new group or public conversation besides its name (behaviour 6.1).

    ``lobby_timer`` is when the lobby opens by itself. ``permissions`` are the default ones of
    attendees. ``object_type`` and ``object_id`` name the object that the conversation belongs to.
    ``message_expiration`` (seconds, 0 for never) and ``mention_permissions`` are for clients alone.
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
    message_expiration: int = 0
    mention_permissions: MentionPermissions = MentionPermissions.EVERYONE


DEFAULT_OPTIONS = ConversationOptions()


@contextmanager
def named(setting: str) -> Iterator[None]:
    """Turn an ``InvalidValue`` of the block into the ``InvalidSetting`` of this name."""
    try:
        yield
    except InvalidValue as refusal:
        raise InvalidSetting(refusal.message, code=setting) from refusal


def checked_description(description: str, *, most: int = DESCRIPTION_MAX_LENGTH) -> str:
    """Return the trimmed description; raises ``InvalidValue`` beyond ``most`` characters."""
    description = description.strip()
    if len(description) > most:
        raise InvalidValue(_("The description is longer than {most} characters."), most=most)
    return description


def hashed_password(password: str) -> str:
    """Return the slow hash of a password, empty for none; raises ``ServerBusy``."""
    if not password:
        return ""
    with hashing.limited():
        return make_password(password)


def unsaved(kind: ConversationType, name: str, options: ConversationOptions) -> Conversation:
    """Return a conversation without a token, that is not saved.

    Raises ``InvalidSetting`` for options that could not be set later either, and ``ServerBusy``.
    """
    _check_options(kind, options)
    with named("description"):
        description = checked_description(options.description)
    default_permissions = policies.changed_permissions(0, PermissionChange.SET, options.permissions)
    return Conversation(
        type=kind,
        name=name,
        description=description,
        password=hashed_password(options.password),
        read_only=options.read_only,
        listable=options.listable,
        lobby_state=options.lobby_state,
        lobby_timer=options.lobby_timer if options.lobby_state else None,
        default_permissions=default_permissions,
        recording_consent=options.recording_consent,
        object_type=options.object_type,
        object_id=options.object_id,
        message_expiration=options.message_expiration,
        mention_permissions=options.mention_permissions,
    )


def _check_options(kind: ConversationType, options: ConversationOptions) -> None:
    if options.password and kind != ConversationType.PUBLIC:
        raise InvalidSetting(NotPublic.message, code="password")
    needs_consent = options.recording_consent == RecordingConsent.NEEDED
    if needs_consent and conf.recording_consent != ConsentRule.OPTIONAL:
        raise InvalidSetting(ConsentNotOffered.message, code="recording-consent")
    with named("permissions"):
        permissions.check(options.permissions)
    _check_object(options)


def _check_object(options: ConversationOptions) -> None:
    both = (options.object_type, options.object_id)
    if all(both) != any(both) or any(len(each.encode()) > OBJECT_MAX_BYTES for each in both):
        raise InvalidSetting(
            _("An object has a type and an id, of up to {most} bytes."),
            code="object",
            most=OBJECT_MAX_BYTES,
        )
    if options.object_type in RESERVED_OBJECT_TYPES:
        raise InvalidSetting(_("Conversations of that kind are not made here."), code="object-type")
    if options.object_type and options.lobby_state:
        raise InvalidSetting(
            _("A conversation that belongs to something has no lobby."), code="lobby"
        )
