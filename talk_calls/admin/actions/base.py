"""The base of all actions: the confirmation page, the change, and the entry in the log."""

import copy
from datetime import datetime
from typing import ClassVar, Generic, TypeVar, cast

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import model_ngettext
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override

from talk_calls.admin.actions.forms import ReasonForm
from talk_calls.admin.base import TalkAdmin, Text
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import TalkError
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee
from talk_calls.models.audit import AuditSource
from talk_calls.services import audit_context, participants

#: Objects that one confirmation covers at most: as many as a list shows on a page.
MAX_OBJECTS = 100

M = TypeVar("M", bound=Model)


class AdminAction(Generic[M]):
    """An action of the Django admin that asks for a reason, and logs it with the change.

    Subclasses set the texts and implement ``execute``; instances have no state. An instance stands
    in ``ModelAdmin.actions``, where Django calls it with the selected rows.
    """

    #: What Django's form sends as ``action``.
    name: ClassVar[str]
    #: Codename of the permission of this app that the action takes.
    permission: ClassVar[str]
    #: The words on buttons and in the list of actions.
    label: ClassVar[Text]
    #: The title of the confirmation page, and what stands below it.
    title: ClassVar[Text]
    description: ClassVar[Text]
    #: The first words of the entry in the log and of the message after it, such as "Locked".
    log_label: ClassVar[Text]
    #: Whether the entry in the log is a change or a deletion.
    log_flag: ClassVar[int] = CHANGE
    #: What the confirmation page asks for.
    form_class: ClassVar[type[ReasonForm]] = ReasonForm
    #: Whether the object is gone afterwards, and its page with it.
    deletes_object: ClassVar[bool] = False
    #: Whether something is lost that cannot be brought back, so that the button looks like it.
    is_destructive: ClassVar[bool] = False
    do_not_call_in_templates: ClassVar = True

    @property
    def __name__(self) -> str:
        """Return the key under which Django keeps the action."""
        return self.name

    @property
    def short_description(self) -> Text:
        """Return what Django's list of actions shows."""
        return self.label

    def is_permitted(self, user: HostUser | AnonymousUser) -> bool:
        """Return whether a user of the admin has the permission."""
        return user.has_perm(f"talk_calls.{self.permission}")

    def is_applicable(self, obj: M) -> bool:
        """Return whether the action would change ``obj``, so that its page shows a button."""
        return True

    def execute(
        self, obj: M, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> Text | None:
        """Change ``obj`` through the services; raises ``TalkError`` where they refuse.

        ``operator`` is who acts, as services take them. ``form`` is what the operator filled in, a
        valid instance of ``form_class``. A text that is returned is shown once, as a warning.
        """
        raise NotImplementedError

    def log_object(self, obj: M) -> Model:
        """Return the object whose history has the entry."""
        return obj

    def log_name(self, obj: M) -> str:
        """Return what the log calls ``obj``, after ``log_label``."""
        raise NotImplementedError

    def detail(self, obj: M) -> str:
        """Return what the confirmation page shows beside ``obj`` to tell rows apart."""
        return ""

    def __call__(
        self, model_admin: TalkAdmin, request: HttpRequest, queryset: QuerySet[M]
    ) -> HttpResponse | None:
        """Answer Django: ask for a reason, or execute with it. None leads back to the list."""
        objects = list(queryset[: MAX_OBJECTS + 1])
        if len(objects) > MAX_OBJECTS:
            text = _("Select at most %(max)s at once. Nothing was done.")
            messages.error(request, text % {"max": MAX_OBJECTS})
            return None
        if not objects:
            messages.warning(request, _("What you selected is gone already. Nothing was done."))
            return _redirect_to_origin(request)
        form = self.form_class(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._confirmation(objects, form, model_admin, request)
        self._execute_all(objects, form, model_admin, request)
        return _redirect_to_origin(request)

    def _confirmation(
        self, objects: list[M], form: ReasonForm, model_admin: TalkAdmin, request: HttpRequest
    ) -> HttpResponse:
        return model_admin.page(
            request,
            "confirm_action.html",
            str(self.title),
            admin_action=self,
            rows=[(obj, self.detail(obj)) for obj in objects],
            form=form,
            next=_origin(request),
        )

    def _execute_all(
        self, objects: list[M], form: ReasonForm, model_admin: TalkAdmin, request: HttpRequest
    ) -> None:
        """Execute for each object by itself: one that is refused does not undo the others."""
        user = cast(HostUser, request.user)  # the admin serves nobody else
        done = 0
        for obj in objects:
            name = str(obj)
            try:
                notice = self._execute_and_log(obj, form, user)
            except TalkError as refusal:
                messages.error(request, f"{name}: {refusal.message}")
            else:
                done += 1
                if notice is not None:
                    messages.warning(request, str(notice))
        if done:
            noun = model_ngettext(model_admin.opts, done)
            text = _("{done} {number} {objects}.")
            messages.success(request, text.format(done=self.log_label, number=done, objects=noun))

    @retried
    def _execute_and_log(self, obj: M, form: ReasonForm, user: HostUser) -> Text | None:
        """Change the object and write the log entry, in one transaction; return what to show."""
        with override(None):  # one log for operators of all languages
            message = f"{self.log_label} {self.log_name(obj)}. {form.log_text()}"
        reason = form.cleaned_data["reason"]
        with (
            transactions.atomic(),
            audit_context.acting_from(AuditSource.ADMIN, reason=reason),
        ):
            notice = self.execute(
                # `retried` may come again, and deleting an instance clears its primary key.
                copy.copy(obj),
                operator=participants.operator(user),
                now=clock.now(),
                form=form,
            )
            LogEntry.objects.log_actions(
                user.pk, [self.log_object(obj)], self.log_flag, message, single_object=True
            )
        return notice


def _origin(request: HttpRequest) -> str:
    """Return the page that the button was on; empty unless it is one of this site."""
    origin = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        origin, {request.get_host()}, require_https=request.is_secure()
    )
    return origin if is_ours else ""


def _redirect_to_origin(request: HttpRequest) -> HttpResponse | None:
    origin = _origin(request)
    return HttpResponseRedirect(origin) if origin else None
