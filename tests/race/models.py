"""Records of events that receivers got; nothing is unique, so that duplicates are seen."""

from typing import ClassVar

from django.db import models


class CallRecord(models.Model):
    """A ``call_started`` or ``call_ended``, each of which must be sent exactly once."""

    kind = models.CharField(max_length=40)
    call_id = models.BigIntegerField(db_index=True)
    conversation_id = models.BigIntegerField()

    objects: ClassVar["models.Manager[CallRecord]"] = models.Manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} of call {self.call_id}"


class EventRecord(models.Model):
    """Any other event, each of which must be sent at most once."""

    kind = models.CharField(max_length=40)
    conversation_id = models.BigIntegerField()
    call_id = models.BigIntegerField(null=True)
    session_key = models.CharField(max_length=32, blank=True)

    objects: ClassVar["models.Manager[EventRecord]"] = models.Manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} in conversation {self.conversation_id}"
