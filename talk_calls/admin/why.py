"""The page "Why can't they join?", which shows ``reports.decisions``."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from talk_calls.admin.base import TalkAdmin
from talk_calls.exceptions import NoSuchConversation, NoSuchTarget
from talk_calls.host import accounts, clock
from talk_calls.reports.decisions import Report, decide

#: The largest primary key of a database.
_MAX_KEY = 2**63 - 1


class WhyForm(forms.Form):
    """Which conversation, and who. It is sent by GET, so that the address can be shared."""

    required_css_class = "required"
    conversation = forms.CharField(
        max_length=30,
        label=_("Conversation"),
        help_text=_("The token: the last part of the conversation's link."),
    )
    user = forms.CharField(
        max_length=255,
        required=False,
        label=_("User name"),
        help_text=_("Or e-mail address, or primary key. Empty for a guest without an account."),
    )
    attendee = forms.IntegerField(
        min_value=1,
        max_value=_MAX_KEY,
        required=False,
        label=_("Or attendee number"),
        help_text=_(
            "For guests who are in the conversation already, and people invited by e-mail."
        ),
    )

    def clean(self) -> dict[str, object]:
        """Refuse a user together with an attendee, and an unknown user; add ``found_user``."""
        values = super().clean() or {}
        name, attendee = values.get("user"), values.get("attendee")
        if name and attendee:
            self.add_error("attendee", _("Enter either a user name or an attendee number."))
        found = accounts.accounts_named(name) if name else []
        values["found_user"] = found[0] if len(found) == 1 else None
        if len(found) > 1:
            candidates = "; ".join(map(accounts.describe, found))
            self.add_error(
                "user", _("That is ambiguous: {candidates}.").format(candidates=candidates)
            )
        elif name and not found:
            self.add_error("user", _("There is no active user of this name."))
        return values

    def report(self) -> Report | None:
        """Return the decisions, or None and add an error to the form."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        try:
            return decide(
                token=values["conversation"],
                now=clock.now(),
                user=values["found_user"],
                attendee_id=values["attendee"],
            )
        except NoSuchConversation:
            self.add_error("conversation", _("There is no conversation with this token."))
        except NoSuchTarget:
            self.add_error("attendee", _("The conversation has no such attendee who could act."))
        return None


class WhyMixin(TalkAdmin):
    """Adds the page to the admin of conversations."""

    pages = {"why/": "why"}

    def why(self, request: HttpRequest) -> TemplateResponse:
        """Show the form, and the decisions if it was sent."""
        if not self._may_ask(request):
            raise PermissionDenied
        asked = "user" in request.GET or "attendee" in request.GET
        form = WhyForm(request.GET) if asked else WhyForm(initial=request.GET.dict())
        report = form.report() if asked else None
        title = _("Why can't they join?")
        return self.page(request, "why.html", str(title), form=form, report=report)

    def _may_ask(self, request: HttpRequest) -> bool:
        """Return whether the user may see conversations and their attendees."""
        user = request.user
        sees_attendees = any(
            user.has_perm(f"talk_calls.{action}_attendee") for action in ("view", "change")
        )
        return sees_attendees and self.has_view_or_change_permission(request)
