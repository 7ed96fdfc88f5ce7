"""Calls of a conversation, and the legs that sessions spent in them."""

from datetime import datetime, timedelta
from typing import Self, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.conf import conf
from talk_calls.constants import ActorType, InCallFlag, LegReason, Permission
from talk_calls.db.compiled import Moment
from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel, PrimaryQuerySet
from talk_calls.models.conversations import Conversation
from talk_calls.models.sessions import Session


def call_annotations(
    now: Moment, *, prefix: str = ""
) -> dict[str, models.FilteredRelation | Combinable]:
    """Return annotations that add a conversation's call to the query that loads it.

    ``prefix`` is the path from the queried model to the conversation, with its underscores. The
    annotations are ``has_call`` (a live session is in it), ``call_flags`` and ``call_started_at``
    (both null without an open call).
    """
    live = Session.objects.live_in_call(now)
    return {
        "open_call": models.FilteredRelation(
            f"{prefix}calls", condition=Q(**{f"{prefix}calls__ended_at": None})
        ),
        "call_flags": F("open_call__flags"),
        "call_started_at": F("open_call__started_at"),
        "has_call": models.Exists(live.filter(conversation_id=models.OuterRef(f"{prefix}pk"))),
    }


class CallQuerySet(PrimaryMixin, models.QuerySet["Call"]):
    """Reads of running and past calls, for operators."""

    def live(self, now: datetime) -> Self:
        """Keep running calls: open, and with a live session."""
        return self.filter(Exists(_live_in_call(now)), ended_at=None)

    def with_live(self, now: datetime) -> Self:
        """Add numbers about the sessions in running calls, for lists.

        ``people_now`` counts attendees and ``devices_now`` sessions. ``flags_now`` are the flags of
        all of them, or-ed, and ``oldest_ping`` is their oldest ping. All are null for calls that
        have ended.
        """
        here = _live_in_call(now).order_by().values("conversation")
        facts = {
            "people_now": Count("attendee", distinct=True),
            "devices_now": Count("pk"),
            "flags_now": sum((Max(F("in_call").bitand(bit)) for bit in _FLAGS), Value(0)),
            "oldest_ping": Min("last_ping"),
        }
        return self.annotate(
            **{name: Subquery(here.annotate(n=fact).values("n")) for name, fact in facts.items()}
        )

    def with_people(self) -> Self:
        """Add ``people``: how many different people were ever in it."""
        legs = CallLeg.objects.filter(call=OuterRef("pk")).order_by().values("call")
        total = legs.annotate(n=Count(PERSON, distinct=True)).values("n")
        return self.annotate(people=Coalesce(Subquery(total), 0))


#: The identity of a person in history, where the account may be deleted.
PERSON = Concat(F("actor_type"), Value("/"), F("actor_id"))

#: SQLite has no function that ors a group's flags, so each is looked for by itself.
_FLAGS = (
    InCallFlag.IN_CALL,
    InCallFlag.WITH_AUDIO,
    InCallFlag.WITH_VIDEO,
    InCallFlag.WITH_PHONE,
)


def _live_in_call(now: datetime) -> models.QuerySet[Session]:
    return Session.objects.live_in_call(now).filter(conversation=OuterRef("conversation"))


_EMPTY_LIST = Value([], models.JSONField())


class Call(PrimaryModel):
    """One call of a conversation, from the first join to the last leave.

    A conversation has a call exactly while it has an open ``Call`` *and* at least one live session
    in call; an open call without one has timed out, which is stored by the next change.
    """

    conversation = PrimaryForeignKey(
        Conversation,
        verbose_name=_("conversation"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="calls",
        db_index=False,  # talk_call_history
        help_text=_("Empty once the conversation is deleted; history stays."),
    )
    conversation_name = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=24, choices=LegReason.choices, blank=True)
    flags = models.PositiveSmallIntegerField(
        default=InCallFlag.IN_CALL, help_text="All flags that anybody joined with, or-ed."
    )
    resumes = PrimaryForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="resumed_by",
        help_text="The call that ended up to 10 s before, as when a page is reloaded.",
    )
    #: Whether the start was announced to nobody, and else not to these user ids.
    silent = models.BooleanField(default=False, db_default=False, editable=False)
    silent_for = models.JSONField(default=list, db_default=_EMPTY_LIST, editable=False)
    #: The primary keys, as text, of the users who were rung.
    rung = models.JSONField(default=list, db_default=_EMPTY_LIST, editable=False)
    signaling_server = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="The URL of the signaling server that it is on, if it is on one.",
    )
    ended_by_type = models.CharField(max_length=20, choices=ActorType.choices, blank=True)
    ended_by_id = models.CharField(
        max_length=255, blank=True, help_text="Who ended it; empty if people only vanished."
    )
    ended_by_name = models.CharField(max_length=255, blank=True)

    objects = CallQuerySet.as_manager()

    #: Filled by ``with_people``.
    people: int
    #: Filled by ``with_live``, for calls that go on.
    people_now: int
    devices_now: int
    flags_now: int
    oldest_ping: datetime
    #: Filled by ``reports.call_ends.with_ends``.
    effective_end: datetime | None
    effective_reason: str
    effective_duration: timedelta

    class Meta:
        """At most one open call per conversation."""

        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(ended_at__isnull=True),
                name="talk_call_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="talk_call_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="talk_call_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(conversation__isnull=False),
                name="talk_call_open_has_conversation",
            ),
        ]
        indexes = [
            models.Index(fields=["-started_at"], name="talk_call_newest"),
            models.Index(fields=["conversation", "-ended_at"], name="talk_call_history"),
            models.Index(fields=["ended_at"], name="talk_call_ended"),
        ]
        permissions = [("end_call", "Can end calls")]
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        """Return the conversation and the time of the start, in local time."""
        when = timezone.localtime(self.started_at)
        name = names.isolated(self.conversation_name or gettext("Call"))
        return f"{name}, {when:%Y-%m-%d %H:%M %Z}"

    @property
    def title(self) -> str:
        """Return the name of the conversation at the time, or a description if it had none."""
        name = names.cleaned(self.conversation_name)
        return name or (self.conversation.title if self.conversation else gettext("one-to-one"))

    @property
    def ended_by(self) -> str:
        """Return the name of who ended it; empty if the last ones timed out."""
        return names.shown(self.ended_by_name, self.ended_by_type, self.ended_by_id)

    @property
    def duration(self) -> timedelta | None:
        """Return the duration, or None while the call is open."""
        return self.ended_at - self.started_at if self.ended_at else None


class LiveCall(Call):
    """A running call: rows of ``Call``, for an admin page of their own."""

    class Meta:
        """No permissions of its own: those of calls are used."""

        verbose_name = _("live call")
        verbose_name_plural = _("live calls")
        proxy = True
        default_permissions = ()


def has_only_timed_out_sessions(conversation: Conversation, now: datetime) -> bool:
    """Tell whether there is an open call whose sessions all timed out; one query."""
    open_call = Call.objects.filter(conversation=conversation, ended_at=None)
    live = Session.objects.live_in_call(now).filter(conversation=conversation)
    return open_call.exclude(Exists(live)).exists()


def ignore_permissions_of_timed_out_call(
    conversation: Conversation, now: datetime, *, has_call: bool
) -> None:
    """Reset the permissions of a timed out call on the loaded row, before its end is stored.

    Permissions set for a call to come stay. Call permissions are rare, so this seldom queries; it
    never writes.
    """
    if conversation.call_permissions == Permission.DEFAULT or has_call:
        return
    if has_only_timed_out_sessions(conversation, now):
        conversation.call_permissions = Permission.DEFAULT


class Person(TypedDict):
    """A person of a call as clients knew them at the time; ``email`` is that of a user, or None."""

    display_name: str
    actor_type: str
    actor_id: str
    email: str | None


def newest_call(conversation: Conversation) -> Call | None:
    """Return the running call, or else the last one; None if there was none; one query."""
    return Call.objects.filter(conversation=conversation).first()


def people_of(call: Call) -> list[Person]:
    """Return everybody who is or was in the call, each once, by name; one query."""
    legs = call.legs.all()
    path = conf.directory.email_path()
    email = F(f"user__{path}") if path else Value("")
    rows = legs.order_by("joined_at", "pk").values(
        "display_name", "actor_type", "actor_id", email=email
    )
    latest = {(row["actor_type"], row["actor_id"]): row for row in rows}
    return sorted(latest.values(), key=lambda row: (row["display_name"], row["actor_id"]))


class CallLeg(PrimaryModel):
    """The time of one session in one call, from a join to the next leave."""

    call = PrimaryForeignKey(Call, on_delete=models.CASCADE, related_name="legs")
    session_key = models.CharField(
        max_length=32, help_text="The same for all legs of one session; not the session id."
    )
    actor_type = models.CharField(max_length=20, choices=ActorType.choices)
    actor_id = models.CharField(max_length=255, help_text="As clients knew the actor at the time.")
    user = PrimaryForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="talk_call_legs",
    )
    display_name = models.CharField(max_length=255, blank=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=24, choices=LegReason.choices, blank=True)
    flags = models.PositiveSmallIntegerField(help_text="All flags during this leg, or-ed.")

    objects = PrimaryQuerySet["CallLeg"].as_manager()

    class Meta:
        """One open leg per session; none ends before it starts, or without a reason."""

        constraints = [
            models.UniqueConstraint(
                fields=["session_key"],
                condition=Q(left_at__isnull=True),
                name="talk_leg_one_open_per_session",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")),
                name="talk_leg_leaves_after_join",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, reason="")
                | (Q(left_at__isnull=False) & ~Q(reason="")),
                name="talk_leg_end_has_reason",
            ),
        ]
        ordering = ["joined_at", "pk"]

    def __str__(self) -> str:
        """Return the name and the time of joining, in local time."""
        when = timezone.localtime(self.joined_at)
        return f"{names.isolated(self.who)}, {when:%Y-%m-%d %H:%M %Z}"

    @property
    def who(self) -> str:
        """Return the name for operators."""
        return names.shown(self.display_name, self.actor_type, self.actor_id)
