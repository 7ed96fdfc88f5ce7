"""Sessions: devices that are online in a conversation.

Only this module compares the age of pings. All code that lists or counts sessions starts from one
of these querysets. A session has *timed out* of the call when its last
ping is older than ``SESSION_TIMEOUT``; it is *expired* when its last ping is older than
``SESSION_KILL``, and its row may be deleted.
"""

import hashlib
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.constants import SESSION_ID_LENGTH, WINDOW_LENGTH, InCallFlag, SessionState
from talk_calls.db.compiled import NOW, CompiledQuery, Moment, Param
from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel
from talk_calls.models.conversations import Conversation


def timed_out(now: Moment, prefix: str = "") -> Q:
    """Return the condition of sessions that timed out of a call, where that is not stored yet.

    ``prefix`` is the path from the queried model to the session, with its underscores.
    """
    in_call = {f"{prefix}in_call__gt": InCallFlag.DISCONNECTED}
    return Q(**in_call, **{f"{prefix}last_ping__lt": now - conf.session_timeout})


class SessionQuerySet(PrimaryMixin, models.QuerySet["Session"]):
    """Reads of sessions by the age of their last ping."""

    def present(self, now: Moment) -> Self:
        """Return sessions that are not expired."""
        return self.filter(last_ping__gt=now - conf.session_kill)

    def in_call(self) -> Self:
        """Return sessions with any in-call flag, however old their ping is."""
        return self.filter(in_call__gt=InCallFlag.DISCONNECTED)

    def live_in_call(self, now: Moment) -> Self:
        """Return sessions that are in a call: with in-call flags, and not timed out."""
        return self.in_call().filter(last_ping__gte=now - conf.session_timeout)

    def polling(self, now: Moment) -> Self:
        """Return sessions that pinged lately, whether they are in a call or not."""
        return self.filter(last_ping__gte=now - conf.session_timeout)

    def timed_out(self, now: Moment) -> Self:
        """Return sessions that timed out of a call, where that is not stored yet."""
        return self.filter(timed_out(now))

    def expired(self, now: datetime) -> Self:
        """Return sessions whose rows may be deleted."""
        return self.filter(last_ping__lte=now - conf.session_kill)

    def ping(self, now: datetime) -> int:
        """Store a ping of these sessions in one statement; return how many rows changed.

        Expired sessions are skipped, and those that timed out of a call where that is not stored
        yet, since a ping would put them into it again. A ping never goes back in time.
        """
        pingable = self.present(now).exclude(timed_out(now))
        return pingable.filter(last_ping__lt=now).update(last_ping=now)

    def newest_first(self) -> Self:
        """Sort as lists on the wire are sorted (behaviour 4.2)."""
        return self.order_by("-last_ping", "session_id")


class Session(PrimaryModel):
    """One device of an attendee that is online in a conversation."""

    session_id = models.CharField(max_length=SESSION_ID_LENGTH)
    attendee = PrimaryForeignKey(
        "talk_calls.Attendee",
        verbose_name=_("attendee"),
        on_delete=models.CASCADE,
        related_name="sessions",
    )
    #: The attendee's conversation, repeated for the partial index of sessions in call.
    conversation = PrimaryForeignKey(
        Conversation,
        verbose_name=_("conversation"),
        on_delete=models.DO_NOTHING,  # deleting the attendee deletes the session
        related_name="sessions",
    )
    in_call = models.PositiveSmallIntegerField(default=InCallFlag.DISCONNECTED)
    state = models.PositiveSmallIntegerField(choices=SessionState, default=SessionState.ACTIVE)
    last_ping = models.DateTimeField(default=timezone.now)
    #: When it last joined or left a call; its next leg begins no earlier.
    moved_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    #: A digest of the conversation and the window of a browser; empty if the client named none.
    window = models.CharField(
        max_length=WINDOW_LENGTH, blank=True, default="", db_default="", editable=False
    )
    #: How many answers of internal signaling had anything new for this session.
    answers = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    #: The number of the conversation's roster in the last of them.
    seen_roster = models.BigIntegerField(default=0, db_default=0, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        """``last_ping`` is written often and in no index, so that PostgreSQL's updates are HOT."""

        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.UniqueConstraint(fields=["session_id"], name="talk_session_id_unique"),
            models.CheckConstraint(
                condition=Q(in_call__lte=InCallFlag.ALL), name="talk_session_flags_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["conversation"],
                condition=Q(in_call__gt=InCallFlag.DISCONNECTED),
                name="talk_session_in_call",
            ),
            models.Index(fields=["window"], name="talk_session_window"),
        ]
        permissions = [("remove_session", "Can remove sessions")]

    def __str__(self) -> str:
        """Return the beginning of ``key``, which tells sessions apart and is no secret."""
        return f"{self.key[:8]}…"

    @property
    def key(self) -> str:
        """Return the key in call legs: 32 hex digits that do not reveal the session id."""
        return hashlib.sha256(self.session_id.encode()).hexdigest()[:32]

    @property
    def times_out_at(self) -> datetime:
        """Return when the session times out of a call unless it pings again."""
        return self.last_ping + conf.session_timeout

    def is_expired(self, now: datetime) -> bool:
        """Tell whether the row of the session may be deleted."""
        return self.last_ping + conf.session_kill <= now

    def flags_at(self, now: datetime) -> int:
        """Return the in-call flags, or 0 once the session has timed out."""
        return InCallFlag.DISCONNECTED if self.times_out_at < now else self.in_call

    def has_timed_out(self, now: datetime) -> bool:
        """Tell whether the session timed out of a call, where that is not stored yet."""
        return self.in_call != InCallFlag.DISCONNECTED and self.times_out_at < now


def call_peers(conversation: Conversation, now: datetime) -> list[dict[str, Any]]:
    """Return the sessions in the call, for lists on the wire; one query.

    They are dicts and not model instances, since this is requested often and may be long.
    """
    rows = _PEERS.rows(conversation=conversation.pk, now=now)
    return [{**row, "token": conversation.token} for row in rows]


def _peers() -> models.QuerySet[Any, Any]:
    conversation = Param("conversation", Session._meta.get_field("conversation"))
    live = Session.objects.live_in_call(NOW).filter(conversation=conversation).newest_first()
    return live.values(
        "session_id",
        "last_ping",
        actor_type=F("attendee__actor_type"),
        actor_id=F("attendee__actor_id"),
        display_name=F("attendee__display_name"),
        user_name=F(f"attendee__user__{conf.directory.user_id_path()}"),
    )


_PEERS = CompiledQuery(_peers)
