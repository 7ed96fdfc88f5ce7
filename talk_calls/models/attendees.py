"""Who belongs to a conversation."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.conf import conf
from talk_calls.constants import (
    BROWSER_LENGTH,
    MODERATOR_TYPES,
    ActorType,
    NotificationLevel,
    ParticipantType,
    Permission,
)
from talk_calls.db.compiled import Moment, Param
from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel
from talk_calls.models.calls import Call, call_annotations
from talk_calls.models.conversations import Conversation
from talk_calls.models.sessions import Session
from talk_calls.models.system_messages import newest_message


def passing(prefix: str = "") -> Q:
    """Return the condition of belonging to a conversation only while being online in it.

    ``prefix`` is the path from the queried model to the attendee, with its underscores.
    """
    self_joined = ParticipantType.USER_SELF_JOINED
    return Q(**{f"{prefix}actor_type": ActorType.GUESTS}) | Q(
        **{f"{prefix}participant_type": self_joined}
    )


class AttendeeQuerySet(PrimaryMixin, models.QuerySet["Attendee"]):
    """Reads of memberships."""

    def acting(self, now: Moment, *, session_pk: int | Param | None = None) -> Self:
        """Load each attendee with its conversation and the session it acts with.

        That is ``attendee.acting``: the session with the primary key ``session_pk`` if one is
        given, else the one that pinged last, or None if it exists no more at ``now``
        (behaviour 3.3).
        """
        condition = Q(sessions__last_ping__gt=now - conf.session_kill)
        if session_pk is not None:
            condition &= Q(sessions__pk=session_pk)
        return (
            self.select_related("conversation", "acting")
            .annotate(acting=models.FilteredRelation("sessions", condition=condition))
            .order_by(F("acting__last_ping").desc(nulls_last=True), "pk")
        )

    def modified_since(self, moment: datetime) -> Self:
        """Keep those for whom something about the conversation changed, or may have, since then.

        An open call counts always, as it can end by timeouts alone; so does a lobby
        whose timer ran out. The rows are those of ``with_call``.
        """
        ended = Call.objects.filter(conversation=OuterRef("conversation"), ended_at__gte=moment)
        return self.filter(
            Q(conversation__last_activity_at__gte=moment)
            | Q(conversation__lobby_timer__gte=moment)
            | Q(modified_at__gte=moment)
            | Q(open_call__isnull=False)
            | Q(newest_message_at__gte=moment)
            | Exists(ended)
        )

    def with_call(self, now: Moment) -> Self:
        """Add the call of the conversation, and its newest message."""
        prefix = "conversation__"
        return self.annotate(**call_annotations(now, prefix=prefix)).annotate(
            **newest_message(prefix=prefix)
        )

    def members_only(self) -> Self:
        """Keep users who belong to the conversation also while they are not online."""
        users = self.filter(user__isnull=False).exclude(passing())
        return users.select_related("user").order_by("pk")

    def of_their_own(self) -> Self:
        """Keep those who came or were invited one by one, not with the host's objects or groups."""
        return self.filter(by_host=False, by_group=False)

    def members(self, conversations: Iterable[int], now: datetime) -> list["Attendee"]:
        """Return all attendees of these conversations in one query, each once.

        ``acting`` is the device that pinged last, ``devices`` are all of them, newest ping first,
        ``user_name`` is the name by which clients know a user (None for others). The newest ping
        comes first.
        """
        known_as = F(f"user__{conf.directory.user_id_path()}")
        rows = self.acting(now).filter(conversation__in=conversations).annotate(user_name=known_as)
        newest: dict[int, Attendee] = {}
        for row in rows:
            attendee = newest.setdefault(row.pk, row)
            if row.user_name is not None:
                attendee.user_name = str(row.user_name)  # a directory may name users by UUIDs
            if row.acting is not None:
                attendee.devices = (*attendee.devices, row.acting)
        return list(newest.values())


class Attendee(PrimaryModel):
    """An actor's membership in a conversation: role and name.

    A user is identified by the user row and nothing else, so that a reused username inherits
    nothing; everybody else by ``actor_type`` and ``actor_id``, which for a group is its primary
    key.
    """

    conversation = PrimaryForeignKey(
        Conversation,
        verbose_name=_("conversation"),
        on_delete=models.CASCADE,
        related_name="attendees",
    )
    actor_type = models.CharField(
        _("actor type"), max_length=20, choices=ActorType.choices, default=ActorType.USERS
    )
    actor_id = models.CharField(
        _("actor id"),
        max_length=255,
        blank=True,
        help_text=_("Empty for users: the user row is their identity."),
    )
    user = PrimaryForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="talk_attendees",
    )
    display_name = models.CharField(_("display name"), max_length=255, blank=True)
    participant_type = models.PositiveSmallIntegerField(
        _("participant type"), choices=ParticipantType, default=ParticipantType.USER
    )
    permissions = models.PositiveSmallIntegerField(
        default=Permission.DEFAULT, help_text="Own permissions; 0 takes those of the call."
    )
    is_favorite = models.BooleanField(default=False)
    notification_level = models.PositiveSmallIntegerField(
        choices=NotificationLevel, null=True, blank=True, help_text="Empty for the usual one."
    )
    notification_calls = models.BooleanField(
        default=True, help_text="Whether calls are announced to this attendee."
    )
    by_group = models.BooleanField(
        default=False,
        editable=False,
        help_text="Came in with a group, and goes when it leaves that group.",
    )
    by_host = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Came in through an object of the site, which decides about role and membership.",
    )
    #: A digest of the conversation and a guest's browser; empty for others, and before 0.2.
    browser = models.CharField(
        max_length=BROWSER_LENGTH, blank=True, default="", db_default="", editable=False
    )
    mailed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When an e-mail invitee last got the link."
    )
    created_at = models.DateTimeField(default=timezone.now)
    #: When what only this attendee sees of the conversation last changed.
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AttendeeQuerySet.as_manager()

    #: Filled by ``acting`` and ``members``.
    acting: Session | None = None
    #: Filled by ``members``.
    devices: tuple[Session, ...] = ()
    user_name: str | None = None
    #: Filled where somebody comes in.
    devices_total: int = 0
    #: Filled by ``with_call``.
    has_call: bool = False
    call_flags: int | None = None
    call_started_at: datetime | None = None
    newest_message_fields: dict[str, Any] | None = None
    newest_message_at: datetime | None = None
    #: Filled by ``reports.conversations.with_presence``.
    device_total: int
    in_call_now: bool

    class Meta:
        """One attendee per actor."""

        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"],
                condition=Q(user__isnull=False),
                name="talk_attendee_user_once",
            ),
            models.UniqueConstraint(
                fields=["conversation", "actor_type", "actor_id"],
                condition=Q(user__isnull=True),
                name="talk_attendee_actor_once",
            ),
            models.CheckConstraint(
                condition=Q(actor_type=ActorType.USERS, user__isnull=False, actor_id="")
                | (~Q(actor_type=ActorType.USERS) & Q(user__isnull=True) & ~Q(actor_id="")),
                name="talk_attendee_user_is_identity",
            ),
        ]
        indexes = [
            models.Index(
                fields=["actor_id"],
                condition=Q(actor_type=ActorType.GROUPS),
                name="talk_attendee_group",
            ),
        ]
        permissions = [
            ("promote_attendee", "Can promote and demote attendees"),
            ("remove_attendee", "Can remove attendees"),
        ]

    def __str__(self) -> str:
        """Return the ``title`` as it stands in a sentence."""
        return names.isolated(self.title)

    @property
    def title(self) -> str:
        """Return the name for operators, or the kind of actor where there is none."""
        name = names.shown(self.display_name, self.actor_type, self.actor_id)
        return name or str(self.get_actor_type_display())

    def take_role(self, role: ParticipantType) -> None:
        """Set the role, and clear the permissions of a moderator, who may do everything.

        So they have the default ones if they are demoted later (behaviour 14/promote).
        """
        self.participant_type = role
        if self.is_moderator:
            self.permissions = Permission.DEFAULT

    @property
    def is_moderator(self) -> bool:
        """Tell whether the role may moderate; guest moderators count."""
        return self.participant_type in MODERATOR_TYPES

    @property
    def is_guest(self) -> bool:
        """Tell whether this is somebody without an account, moderator or not."""
        return self.actor_type in {ActorType.GUESTS, ActorType.EMAILS}

    @property
    def is_passing(self) -> bool:
        """Tell whether the attendee belongs to the conversation only while being online in it."""
        self_joined = self.participant_type == ParticipantType.USER_SELF_JOINED
        return self_joined or self.actor_type == ActorType.GUESTS
