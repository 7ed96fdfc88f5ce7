"""What the High-performance Backend (HPB) was last told about conversations and sessions.

There are rows only with external signaling. None has a foreign key: what is gone is found by a
row that still names it, and is told then.
"""

from datetime import UTC, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from talk_calls.constants import SESSION_ID_LENGTH, InCallFlag
from talk_calls.db import transactions
from talk_calls.db.compiled import Moment
from talk_calls.db.primary import PrimaryMixin, PrimaryModel
from talk_calls.models.sessions import Session

#: A time that has passed, of a conversation that no process leased.
NO_LEASE = datetime(2000, 1, 1, tzinfo=UTC)


class HPBConversationQuerySet(PrimaryMixin, models.QuerySet["HPBConversation"]):
    """Reads of what is still to be told."""

    def pending(self) -> Self:
        """Keep conversations with changes that the HPB was not told, the longest untried first."""
        return self.filter(changes__gt=F("told")).order_by("lease_until", "pk")

    def due(self, now: Moment) -> Self:
        """Keep pending conversations that no process is telling about at the moment."""
        return self.pending().filter(lease_until__lte=now)

    def to_repeat(self, now: datetime) -> Self:
        """Keep conversations of which the HPB was told everything, and should be once more."""
        return self.filter(changes__lte=F("told"), repeat_at__lte=now).order_by("repeat_at")


class HPBConversation(PrimaryModel):
    """What the HPB was last told about a conversation, and whether that is still all."""

    conversation = models.BigIntegerField(primary_key=True)
    token = models.CharField(max_length=30)
    #: How many changes were marked, and up to which of them the HPB was told.
    changes = models.BigIntegerField(default=1)
    told = models.BigIntegerField(default=0)
    #: The number of the conversation's roster that the HPB knows.
    roster = models.BigIntegerField(default=0)
    #: Until when only the process that leased it may tell the HPB.
    lease_until = models.DateTimeField(default=NO_LEASE)
    #: How many attempts in a row were not confirmed; what the HPB knows is uncertain after one.
    attempts = models.PositiveIntegerField(default=0)
    #: The URL of the server that was told.
    server = models.CharField(max_length=255, blank=True, default="")
    #: The digest of the properties that were told.
    properties = models.CharField(max_length=32, blank=True, default="")
    #: The ids of the users who belong to it, and from which rows of attendees these were read.
    user_ids = models.JSONField(default=list)
    attendees = models.CharField(max_length=60, blank=True, default="")
    #: How often the HPB was told all once more since the last change, and when it will be next.
    repeats = models.PositiveSmallIntegerField(default=0)
    repeat_at = models.DateTimeField(null=True)

    objects = HPBConversationQuerySet.as_manager()

    class Meta:
        """The first index has only what is pending, so it is small."""

        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(changes__gt=F("told")), name="talk_hpb_pending"
            ),
            models.Index(
                fields=["repeat_at"], condition=Q(changes__lte=F("told")), name="talk_hpb_repeat"
            ),
        ]

    def __str__(self) -> str:
        """Return the token."""
        return self.token


class HPBSessionQuerySet(PrimaryMixin, models.QuerySet["HPBSession"]):
    """Reads of the sessions that the HPB knows."""

    def gone(self) -> Self:
        """Keep those whose session does not exist any more, of which the HPB was not told."""
        return self.filter(~Exists(Session.objects.filter(pk=OuterRef("session"))), gone=False)


class HPBSession(PrimaryModel):
    """A session that is connected to the HPB, and what that was last told about it."""

    #: The session's primary key.
    session = models.BigIntegerField(primary_key=True)
    conversation = models.BigIntegerField(db_index=True)
    session_id = models.CharField(max_length=SESSION_ID_LENGTH)
    #: The flags that were told; null where it is not sure that the HPB knows them.
    in_call = models.PositiveSmallIntegerField(default=InCallFlag.DISCONNECTED, null=True)
    #: The digest of role, permissions and name that were told.
    description = models.CharField(max_length=32)
    connected_at = models.DateTimeField()
    #: Whether it left by itself, so that nobody has to close its connection.
    left = models.BooleanField(default=False)
    #: Whether the HPB was told to close its connection, which it will be told once or twice more.
    gone = models.BooleanField(default=False)

    objects = HPBSessionQuerySet.as_manager()

    def __str__(self) -> str:
        """Return the beginning of the session's id."""
        return self.session_id[:12]


def mark_changed(conversation_id: int, token: str) -> None:
    """Note that the HPB has to be told about a conversation; one statement."""
    new = HPBConversation(conversation=conversation_id, token=token)
    _insert(new, "DO UPDATE SET changes = {table}.changes + 1, repeats = 0")


def mark_used(conversation_id: int, token: str) -> bool:
    """Mark a conversation of which the HPB was told nothing yet; return whether that is so.

    One statement, which locks and changes nothing else.
    """
    return _insert(HPBConversation(conversation=conversation_id, token=token), "DO NOTHING")


def note_connected(session: HPBSession) -> None:
    """Store a session that the HPB knows from now on, or knows anew; one statement."""
    names = ("in_call", "description", "connected_at", "left", "gone")
    fields = (each for each in session._meta.concrete_fields if each.name in names)
    columns = (str(field.column) for field in fields)
    quote = transactions.connection().ops.quote_name
    changes = ", ".join(f"{quote(each)} = excluded.{quote(each)}" for each in columns)
    _insert(session, f"DO UPDATE SET {changes}")


def _insert(row: models.Model, on_conflict: str) -> bool:
    """Insert a row, or do that with the one that has the same key; return whether a row changed.

    ``bulk_create`` of Django cannot add to a value, and opens a transaction.
    """
    connection = transactions.connection()
    quote = connection.ops.quote_name
    fields = row._meta.concrete_fields
    table, key = quote(row._meta.db_table), quote(str(row._meta.pk.column))
    statement = "INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT ({key}) "
    statement = (statement + on_conflict).format(
        table=table,
        columns=", ".join(quote(str(field.column)) for field in fields),
        values=", ".join(["%s"] * len(fields)),
        key=key,
    )
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)
