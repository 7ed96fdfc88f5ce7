"""A booking of a room."""

from django.db import models


class Booking(models.Model):
    """Who meets in which conversation."""

    room = models.ForeignKey("talk_calls.Conversation", on_delete=models.CASCADE)
    organizer = models.ForeignKey(
        "talk_calls.Attendee", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    device = models.ForeignKey(
        "talk_calls.Session", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"Booking of {self.room}"
