"""One thing that an operator may do, from the question to the log."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import model_ngettext
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from talk_calls.admin.actions.forms import ReasonForm
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import TalkError
from talk_calls.host import clock
from talk_calls.services import participants

#: Rows that one confirmation is for at most, as many as a list shows on a page.
MOST = 100

Rows = list[Any]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """An action of the admin that asks for a reason first.

    ``name`` is that of the action, ``permission`` what it takes. ``label`` stands on the button,
    ``title`` and ``meaning`` over the confirmation, where ``detail`` tells rows apart. ``past``
    begins the sentences that tell that it was done, and ``whom`` names a row in the log. ``do``
    takes a row, ``by`` and ``now`` as services do, and what ``form`` has beside the reason.
    ``about`` returns the object in whose history it stands, and ``fits`` tells whether there is a
    point in doing it to a row. ``keeps`` is False if the row is gone after it.
    """

    name: str
    permission: str
    label: str
    title: str
    meaning: str
    past: str
    whom: Callable[[Any], str]
    do: Callable[..., None]
    about: Callable[[Any], Model]
    fits: Callable[[Any], bool] = lambda row: True
    detail: Callable[[Any], str] = lambda row: ""
    form: type[ReasonForm] = ReasonForm
    flag: int = CHANGE
    keeps: bool = True
    do_not_call_in_templates: ClassVar = True

    @property
    def __name__(self) -> str:
        """Return what Django calls the action."""
        return self.name

    @property
    def short_description(self) -> str:
        """Return what Django's list of actions shows."""
        return self.label

    def allowed(self, user: Any) -> bool:
        """Tell whether a user of the admin may do this."""
        return bool(user.has_perm(f"talk_calls.{self.permission}"))

    def __call__(
        self, page: Any, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """Ask for a reason, or with one do it; None leads back to the list."""
        rows = list(queryset[: MOST + 1])
        if len(rows) > MOST:
            messages.error(request, f"Select at most {MOST} at once. Nothing was done.")
            return None
        if not rows:
            messages.warning(request, "What you selected is gone already. Nothing was done.")
            return _way_back(request)
        form = self.form(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self._do_all(rows, form, page, request)
            return _way_back(request)
        told = [(row, self.detail(row)) for row in rows]
        context = {"deed": self, "rows": told, "form": form, "next": _origin(request)}
        answer: HttpResponse = page.page(request, "deed.html", self.title, **context)
        return answer

    def _do_all(self, rows: Rows, form: ReasonForm, page: Any, request: HttpRequest) -> None:
        """Do it to each row; what is refused keeps none of the others."""
        done = 0
        for row in rows:
            named = str(row)
            try:
                self._do(row, form, request.user)
            except TalkError as refusal:
                messages.error(request, f"{named}: {refusal.message}")
            else:
                done += 1
        if done:
            noun = model_ngettext(page.opts, done)
            messages.success(request, f"{self.past} {done} {noun}.")

    @retried
    def _do(self, row: Any, form: ReasonForm, user: Any) -> None:
        """Do it and write the log, both or neither."""
        told = f"{self.past} {self.whom(row)}. {form.in_words()}"
        now, by = clock.now(), participants.operator(user)
        with transactions.atomic():
            # A deleted row loses its key, and all this may have to be done again.
            self.do(copy.copy(row), performed_by=by, now=now, **form.values())
            LogEntry.objects.log_actions(
                user.pk, [self.about(row)], self.flag, told, single_object=True
            )


def _origin(request: HttpRequest) -> str:
    """Return the page that a button was on, if it is one of this site, else empty text."""
    origin: str = request.POST.get("next", "")
    secure = request.is_secure()
    ours = url_has_allowed_host_and_scheme(origin, {request.get_host()}, require_https=secure)
    return origin if ours else ""


def _way_back(request: HttpRequest) -> HttpResponse | None:
    origin = _origin(request)
    return HttpResponseRedirect(origin) if origin else None
