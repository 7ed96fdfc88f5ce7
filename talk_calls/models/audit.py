"""Who moderated what, from where and why: a record to which rows are only added."""

from datetime import datetime
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import ActorType, BanKind
from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel
from talk_calls.host.actors import HostUser

#: Whom an action is about: attendees, and the addresses that only bans name.
_TARGET_TYPES = list(dict([*ActorType.choices, *BanKind.choices]).items())


class AuditAction(models.TextChoices):
    """What was done."""

    CONVERSATION_CREATED = "conversation_created", _("Conversation created")
    CONVERSATION_DELETED = "conversation_deleted", _("Conversation deleted")
    RENAMED = "renamed", _("Renamed")
    DESCRIPTION_CHANGED = "description_changed", _("Description changed")
    PASSWORD_SET = "password_set", _("Password set")
    PASSWORD_REMOVED = "password_removed", _("Password removed")
    MADE_PUBLIC = "made_public", _("Opened to guests")
    MADE_PRIVATE = "made_private", _("Closed to guests")
    LOCKED = "locked", _("Conversation locked")
    UNLOCKED = "unlocked", _("Conversation unlocked")
    LISTING_CHANGED = "listing_changed", _("Changed who finds it")
    LOBBY_RAISED = "lobby_raised", _("Lobby raised")
    LOBBY_LOWERED = "lobby_lowered", _("Lobby lowered")
    PERMISSIONS_CHANGED = "permissions_changed", _("Permissions changed")
    CONSENT_CHANGED = "consent_changed", _("Consent to recording changed")
    MENTIONS_CHANGED = "mentions_changed", _("Changed who may mention everybody")
    EXPIRATION_CHANGED = "expiration_changed", _("Expiration of messages changed")
    ATTENDEE_ADDED = "attendee_added", _("Attendee added")
    ATTENDEE_REMOVED = "attendee_removed", _("Attendee removed")
    PROMOTED = "promoted", _("Made a moderator")
    DEMOTED = "demoted", _("No moderator any more")
    OWNER_SET = "owner_set", _("Made the owner")
    BANNED = "banned", _("Banned from the conversation")
    BAN_LIFTED = "ban_lifted", _("Ban lifted")
    SESSION_REMOVED = "session_removed", _("Device disconnected")
    CALL_ENDED = "call_ended", _("Call ended for everybody")
    APP_PASSWORD_CREATED = "app_password_created", _("App password created")
    APP_PASSWORD_REVOKED = "app_password_revoked", _("App password revoked")
    PERSON_ERASED = "person_erased", _("Person erased")
    SIGNALING_KEY_ROTATED = "signaling_key_rotated", _("Signaling key rotated")
    ENDPOINT_CREATED = "endpoint_created", _("Webhook endpoint created")
    ENDPOINT_CHANGED = "endpoint_changed", _("Webhook endpoint changed")
    ENDPOINT_DELETED = "endpoint_deleted", _("Webhook endpoint deleted")
    SECRET_ROTATED = "secret_rotated", _("Webhook secret rotated")
    EVENTS_REPLAYED = "events_replayed", _("Webhook events sent again")


class AuditSource(models.TextChoices):
    """From where something was done; ``HOST`` is code of the site, and what follows from it."""

    API = "api", _("App or call page")
    ACCOUNT = "account", _("Account page")
    ADMIN = "admin", _("Admin")
    COMMAND = "command", _("Command")
    HOST = "host", _("Site")


class AuditQuerySet(PrimaryMixin, models.QuerySet["AuditEntry"]):
    """Reads, and the two changes that there are: forgetting somebody, and what is too old."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Raise ``TypeError``."""
        raise _append_only()

    def delete(self) -> NoReturn:
        """Raise ``TypeError``."""
        raise _append_only()

    def forget_user(self, user: HostUser) -> None:
        """Make the entries of an account anonymous; two statements.

        What is said about the one it was done to goes as well: why, and the details.
        """
        acted = self.filter(actor_user=user)
        models.QuerySet.update(acted, actor_user=None, actor_id="", actor_name="")
        self.filter(target_user=user).forget_target()

    def forget_target(self) -> None:
        """Make entries anonymous in whom they are about, and in what they say about that person."""
        nobody = {"target_user": None, "target_id": "", "target_name": ""}
        models.QuerySet.update(self, **nobody, reason="", details={})

    def before(self, moment: datetime) -> Self:
        """Keep entries of what was done before ``moment``."""
        return self.filter(at__lt=moment)

    def delete_old(self) -> int:
        """Delete these entries, which are older than the site keeps history; return how many."""
        deleted, _ = models.QuerySet.delete(self)
        return deleted


class AuditEntry(PrimaryModel):
    """One thing that a moderator, an operator or the site did.

    Entries outlive what they are about: the conversation is a number, a token and a name, and no
    foreign key. The actor is who did it, the target whom it was done to, named as clients knew them
    at the time. Without a type there was none, or somebody whom only ``actor_name`` names, as the
    account of the operating system that ran a command. A user without an id was deleted.
    """

    at = models.DateTimeField(_("time"))
    action = models.CharField(_("action"), max_length=40, choices=AuditAction.choices)
    source = models.CharField(_("source"), max_length=10, choices=AuditSource.choices)
    conversation_pk = models.BigIntegerField(null=True, blank=True)
    conversation_token = models.CharField(max_length=30, blank=True)
    conversation_name = models.CharField(max_length=255, blank=True)
    actor_user = PrimaryForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    actor_type = models.CharField(max_length=20, choices=ActorType.choices, blank=True)
    actor_id = models.CharField(max_length=255, blank=True)
    actor_name = models.CharField(_("actor name"), max_length=255, blank=True)
    target_user = PrimaryForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    target_type = models.CharField(max_length=20, choices=_TARGET_TYPES, blank=True)
    target_id = models.CharField(max_length=255, blank=True)
    target_name = models.CharField(max_length=255, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        """The latest entry first."""

        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["at", "id"], name="talk_audit_by_time"),
            models.Index(fields=["conversation_pk", "at"], name="talk_audit_of_conversation"),
        ]

    def __str__(self) -> str:
        """Return the action in words."""
        return self.get_action_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert it; raises ``TypeError`` for one that is stored already."""
        if not self._state.adding:
            raise _append_only()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise ``TypeError``."""
        raise _append_only()


def _append_only() -> TypeError:
    return TypeError("Entries of the audit trail are neither changed nor deleted.")
