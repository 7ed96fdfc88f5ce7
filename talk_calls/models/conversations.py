"""Conversations, and the statements that lock them."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.constants import (
    DESCRIPTION_MAX_LENGTH,
    MODEL_LABEL_MAX_LENGTH,
    OBJECT_MAX_BYTES,
    ONE_TO_ONE_TYPES,
    ConversationType,
    Listable,
    LobbyState,
    MentionPermissions,
    Permission,
    ReadOnly,
    RecordingConsent,
)
from talk_calls.db.compiled import NOW, CompiledUpdate, Param
from talk_calls.db.primary import PrimaryModel, PrimaryQuerySet
from talk_calls.host.addresses import call_address

if TYPE_CHECKING:
    from talk_calls.models.system_messages import SystemMessage


class Conversation(PrimaryModel):
    """A conversation of attendees, in which they call each other; a "room" on the wire."""

    token = models.CharField(_("token"), max_length=30)
    type = models.PositiveSmallIntegerField(_("type"), choices=ConversationType)
    name = models.CharField(_("name"), max_length=255, blank=True)
    description = models.TextField(_("description"), max_length=DESCRIPTION_MAX_LENGTH, blank=True)
    read_only = models.PositiveSmallIntegerField(
        choices=ReadOnly, default=ReadOnly.READ_WRITE, verbose_name=_("locked")
    )
    listable = models.PositiveSmallIntegerField(
        _("listable"), choices=Listable, default=Listable.PARTICIPANTS
    )
    lobby_state = models.PositiveSmallIntegerField(choices=LobbyState, default=LobbyState.NONE)
    lobby_timer = models.DateTimeField(
        null=True, blank=True, help_text="When the lobby falls by itself."
    )
    default_permissions = models.PositiveSmallIntegerField(
        default=Permission.DEFAULT, help_text="Of attendees; 0 takes those of the site."
    )
    call_permissions = models.PositiveSmallIntegerField(
        default=Permission.DEFAULT, help_text="While this call lasts; 0 takes the conversation's."
    )
    recording_consent = models.PositiveSmallIntegerField(
        choices=RecordingConsent,
        default=RecordingConsent.NOT_NEEDED,
        help_text="Counts where the site leaves it to moderators.",
    )
    #: What clients show of a chat; this app has none, so nothing expires and nobody is mentioned.
    message_expiration = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="In seconds; 0 for never."
    )
    mention_permissions = models.PositiveSmallIntegerField(
        choices=MentionPermissions,
        default=MentionPermissions.EVERYONE,
        db_default=MentionPermissions.EVERYONE,
        editable=False,
    )
    object_type = models.CharField(
        max_length=OBJECT_MAX_BYTES, blank=True, help_text="What the conversation belongs to."
    )
    object_id = models.CharField(max_length=OBJECT_MAX_BYTES, blank=True)
    #: Model (``app.model``) and primary key of the host's object that decides about name and
    #: members. Unlike ``object_type``, no client sets it.
    linked_model = models.CharField(
        max_length=MODEL_LABEL_MAX_LENGTH, blank=True, default="", db_default="", editable=False
    )
    linked_pk = models.CharField(
        max_length=255, blank=True, default="", db_default="", editable=False
    )
    #: A bit field of ``Allow``; counts only where there is a link.
    linked_allows = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    password = models.CharField(max_length=128, blank=True, help_text="Hashed; empty for none.")
    #: The primary keys of the two users of a one-to-one, as a sorted JSON list; null elsewhere.
    pair_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(default=timezone.now)
    last_activity_at = models.DateTimeField(default=timezone.now)
    #: Grows by one with every lock, and so with every change of attendees, sessions and rules.
    roster = models.BigIntegerField(default=1, db_default=1, editable=False)

    objects = PrimaryQuerySet["Conversation"].as_manager()

    #: Filled by ``call_annotations``.
    has_call: bool = False
    call_flags: int | None = None
    call_started_at: datetime | None = None
    #: Filled by ``finders.find_conversation``.
    bans_actor: bool = False
    #: Filled by ``keep_newest_message``.
    newest_message: "SystemMessage | None" = None
    #: Filled by ``reports.conversations.with_overview``.
    attendee_total: int

    class Meta:
        """Tokens and pairs are unique; unlike ``unique``, a constraint makes no index for LIKE."""

        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["token"], name="talk_conversation_token_unique"),
            models.UniqueConstraint(fields=["pair_key"], name="talk_conversation_pair_unique"),
            models.UniqueConstraint(
                fields=["linked_model", "linked_pk"],
                condition=~Q(linked_model=""),
                name="talk_conversation_link_unique",
            ),
        ]
        permissions = [
            ("lock_conversation", "Can lock and unlock conversations"),
            ("lobby_conversation", "Can raise and lower lobbies"),
        ]

    def __str__(self) -> str:
        """Return the ``title`` as it stands in a sentence."""
        return names.isolated(self.title)

    @property
    def title(self) -> str:
        """Return the name, or the token of a nameless conversation."""
        return names.cleaned(self.name) or self.token

    def get_absolute_url(self) -> str:
        """Return the address of the page to call from, for "View on site" of the admin."""
        return call_address(self.token)

    @property
    def is_one_to_one(self) -> bool:
        """Tell whether it is the conversation of exactly two users, or was it."""
        return self.type in ONE_TO_ONE_TYPES

    @property
    def is_former(self) -> bool:
        """Tell whether it was a one-to-one until the account of one user was deleted.

        It has the name of that user and stays locked.
        """
        return self.type == ConversationType.FORMER_ONE_TO_ONE

    @property
    def pair(self) -> list[str]:
        """Return the primary keys of the two users of a one-to-one, as text; else none."""
        return json.loads(self.pair_key) if self.pair_key else []

    @property
    def is_public(self) -> bool:
        """Tell whether guests and uninvited users may join by token."""
        return self.type == ConversationType.PUBLIC

    @property
    def is_read_only(self) -> bool:
        """Tell whether the conversation is locked."""
        return self.read_only == ReadOnly.READ_ONLY

    @property
    def is_linked(self) -> bool:
        """Tell whether an object of the host decides about name, members and roles."""
        return bool(self.linked_model)

    @property
    def linked_object(self) -> models.Model | None:
        """Return the object of the host, read by each use, or None if there is none (any more)."""
        try:
            model = apps.get_model(self.linked_model)
        except (LookupError, ValueError):  # the app or the model was removed, or there is no link
            return None
        try:
            found: models.Model | None = model._base_manager.filter(
                pk=model._meta.pk.to_python(self.linked_pk)
            ).first()
        except (ValueError, ValidationError):  # the model has primary keys of another type now
            return None
        return found

    def has_lobby(self, now: datetime) -> bool:
        """Tell whether non-moderators wait in the lobby at ``now``; its timer may have ended it."""
        if self.lobby_state == LobbyState.NONE:
            return False
        return self.lobby_timer is None or now < self.lobby_timer


def lock_conversation(pk: int) -> bool:
    """Make every other writer of this conversation wait until the transaction ends.

    Returns False if the conversation does not exist. The lock is a write and not SELECT … FOR
    UPDATE, because SQLite has no row locks: if two transactions there both begin with a read and
    then want to write, one of them fails.
    """
    return bool(_LOCK.run(pk=pk))


def touch_conversation(pk: int, now: datetime) -> bool:
    """Lock like ``lock_conversation``, and store ``now`` as the last activity."""
    return bool(_TOUCH.run(pk=pk, now=now))


def _by_pk() -> models.QuerySet[Conversation]:
    return Conversation.objects.filter(pk=Param("pk", Conversation._meta.pk))


_NEXT: dict[str, object] = {"roster": F("roster") + 1}
_LOCK = CompiledUpdate(_by_pk, **_NEXT)
_TOUCH = CompiledUpdate(_by_pk, **_NEXT, last_activity_at=Greatest(F("last_activity_at"), NOW))
