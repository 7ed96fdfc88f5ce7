"""The page "Why can't they join?": what the API decides about somebody, step by step."""

from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse

from talk_calls.conf import conf
from talk_calls.exceptions import NoSuchConversation, NoSuchTarget
from talk_calls.host import clock
from talk_calls.reports.decisions import decide
from talk_calls.reports.steps import Report

_MOST = 2**63 - 1


class WhyForm(forms.Form):
    """Which conversation, and who; as a GET form, its address can be kept and sent."""

    required_css_class = "required"
    conversation = forms.CharField(
        max_length=30, help_text="The token: the last part of the conversation's link."
    )
    user = forms.CharField(
        max_length=255,
        required=False,
        label="User name",
        help_text="As they log in. Leave it empty for a guest without an account.",
    )
    attendee = forms.IntegerField(
        min_value=1,
        max_value=_MOST,
        required=False,
        label="Or attendee number",
        help_text="For guests who are in the conversation already, and people invited by e-mail.",
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two people at once, and a user who is not there."""
        values = super().clean() or {}
        name, attendee = values.get("user"), values.get("attendee")
        if name and attendee:
            self.add_error("attendee", "Say either a user name or an attendee number.")
        values["found"] = conf.directory.find_user(name) if name else None
        if name and values["found"] is None:
            self.add_error("user", "There is no active user of this name.")
        return values

    def report(self) -> Report | None:
        """Return the decisions, or None with an error where there is nothing to decide about."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        try:
            return decide(
                token=values["conversation"],
                now=clock.now(),
                user=values["found"],
                attendee_id=values["attendee"],
            )
        except NoSuchConversation:
            self.add_error("conversation", "There is no conversation with this token.")
        except NoSuchTarget:
            self.add_error("attendee", "The conversation has no such attendee who could act.")
        return None


class WhyMixin(BaseModelAdmin):
    """Adds the page to the admin of conversations; for a ``TalkAdmin``."""

    pages = {"why/": "why"}

    def why(self, request: HttpRequest) -> TemplateResponse:
        """Answer the form; who may see conversations and their attendees may ask."""
        if not self._may_ask(request):
            raise PermissionDenied
        asked = "user" in request.GET or "attendee" in request.GET
        form = WhyForm(request.GET) if asked else WhyForm(initial=request.GET.dict())
        report = form.report() if asked else None
        page: Any = self  # a TalkAdmin, which the type checker cannot know of a mixin
        answer: TemplateResponse = page.page(
            request, "why.html", "Why can't they join?", form=form, report=report
        )
        return answer

    def _may_ask(self, request: HttpRequest) -> bool:
        user: Any = request.user
        sees_attendees = any(
            user.has_perm(f"talk_calls.{action}_attendee") for action in ("view", "change")
        )
        return sees_attendees and self.has_view_or_change_permission(request)
