"""What the confirmation page of an action asks for."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import SHOWN_NOTE_MAX_LENGTH
from talk_calls.host import clock
from talk_calls.reports.formatting import minute_text


class ReasonForm(forms.Form):
    """The reason of an action, which the log keeps."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Other operators read this in the history."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def log_text(self) -> str:
        """Return the sentences that the log has of this form."""
        return f"Reason: {self.cleaned_data['reason']}"


class BanForm(ReasonForm):
    """What whoever is banned reads, and the reason, which moderators of the conversation read."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_(
            "Other operators read this in the history, and moderators in their list of bans."
        ),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    shown_note = forms.CharField(
        label=_("What they read"),
        required=False,
        max_length=SHOWN_NOTE_MAX_LENGTH,
        widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3}),
    )


class LobbyForm(ReasonForm):
    """When the lobby ends by itself, and the reason."""

    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        help_text=_("When the lobby ends by itself. Leave it empty if it does not."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_until(self) -> datetime | None:
        """Refuse a time in the past: the lobby would end before it begins."""
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= clock.now():
            raise forms.ValidationError(_("That time is in the past."))
        return until

    def log_text(self) -> str:
        until = self.cleaned_data["until"]
        timer = f"Until {minute_text(until)}. " if until else ""
        return timer + super().log_text()
