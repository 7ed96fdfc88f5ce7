"""The Django admin. Pages show reports; whatever changes something goes through the services."""

from collections.abc import Mapping

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import AdminSite
from django.db.models import Model

from talk_calls.admin.app_passwords import AppPasswordAdmin
from talk_calls.admin.attendees import AttendeeAdmin
from talk_calls.admin.audit import AuditEntryAdmin
from talk_calls.admin.bans import BanAdmin
from talk_calls.admin.base import TalkAdmin
from talk_calls.admin.calls import CallAdmin
from talk_calls.admin.conversations import ConversationAdmin
from talk_calls.admin.live_calls import LiveCallAdmin
from talk_calls.admin.sessions import SessionAdmin
from talk_calls.admin.webhook_deliveries import WebhookDeliveryAdmin
from talk_calls.admin.webhook_endpoints import WebhookEndpointAdmin
from talk_calls.models import (
    AppPassword,
    Attendee,
    AuditEntry,
    Ban,
    Call,
    Conversation,
    LiveCall,
    Session,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = ["ADMINS", "register"]

ADMINS: Mapping[type[Model], type[TalkAdmin]] = {
    AppPassword: AppPasswordAdmin,
    Attendee: AttendeeAdmin,
    AuditEntry: AuditEntryAdmin,
    Ban: BanAdmin,
    Call: CallAdmin,
    Conversation: ConversationAdmin,
    LiveCall: LiveCallAdmin,
    Session: SessionAdmin,
    WebhookDelivery: WebhookDeliveryAdmin,
    WebhookEndpoint: WebhookEndpointAdmin,
}


def register(site: AdminSite, base: type[ModelAdmin] | None = None) -> None:
    """Put the pages of this app on an admin site, in place of those that are there.

    They are on Django's default site once the admin has discovered this module; call this for
    other sites. ``base`` is the ``ModelAdmin`` of a theme that wants its own, such as
    ``unfold.admin.ModelAdmin``.
    """
    for model, model_admin in ADMINS.items():
        if site.is_registered(model):
            site.unregister(model)
        site.register(model, _on(base, model_admin) if base else model_admin)


def _on(base: type[ModelAdmin], model_admin: type[TalkAdmin]) -> type[ModelAdmin]:
    """Return an admin that leaves to ``base`` what it would leave to Django."""
    return type(model_admin.__name__, (model_admin, base), {"__module__": __name__})


register(admin.site)
