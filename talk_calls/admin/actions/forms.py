"""What an operator fills in before a deed is done."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from talk_calls.host import clock


class ReasonForm(forms.Form):
    """Why it is done; other operators read that in the log."""

    reason = forms.CharField(
        max_length=500,
        help_text="Other operators read this in the history.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def values(self) -> dict[str, Any]:
        """Return what the deed itself takes."""
        return {}

    def in_words(self) -> str:
        """Return what was filled in, for the log."""
        return f"Reason: {self.cleaned_data['reason']}"


class LobbyForm(ReasonForm):
    """When the lobby falls by itself, beside the reason."""

    until = forms.DateTimeField(
        required=False,
        help_text="When everybody is let in by itself; empty for never.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_until(self) -> datetime | None:
        """Refuse a time that is over, with which the lobby would be no lobby."""
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= clock.now():
            raise forms.ValidationError("That time is over.")
        return until

    def values(self) -> dict[str, Any]:
        """Return the timer."""
        return {"timer": self.cleaned_data["until"]}

    def in_words(self) -> str:
        """Return timer and reason."""
        until = self.cleaned_data["until"]
        timer = f"Until {timezone.localtime(until):%Y-%m-%d %H:%M}. " if until else ""
        return timer + super().in_words()
