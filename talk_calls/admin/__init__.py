"""The Django admin. Pages show reports; whatever changes something goes through the services."""

from collections.abc import Mapping

from django.contrib import admin
from django.contrib.admin.sites import AdminSite
from django.db.models import Model

from talk_calls.admin.app_passwords import AppPasswordAdmin
from talk_calls.admin.attendees import AttendeeAdmin
from talk_calls.admin.base import TalkAdmin
from talk_calls.admin.calls import CallAdmin
from talk_calls.admin.conversations import ConversationAdmin
from talk_calls.admin.live_calls import LiveCallAdmin
from talk_calls.admin.sessions import SessionAdmin
from talk_calls.models import AppPassword, Attendee, Call, Conversation, LiveCall, Session

__all__ = ["ADMINS", "register"]

ADMINS: Mapping[type[Model], type[TalkAdmin]] = {
    AppPassword: AppPasswordAdmin,
    Attendee: AttendeeAdmin,
    Call: CallAdmin,
    Conversation: ConversationAdmin,
    LiveCall: LiveCallAdmin,
    Session: SessionAdmin,
}


def register(site: AdminSite) -> None:
    """Add the pages of this app to an admin site of the host's own.

    They are on Django's default site anyway, once the admin discovers this module. Raises
    ``AlreadyRegistered`` if ``site`` has them.
    """
    for model, model_admin in ADMINS.items():
        site.register(model, model_admin)


register(admin.site)
