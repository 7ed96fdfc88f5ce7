"""Who is kept out of a conversation."""

from collections.abc import Collection
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.conf import conf
from talk_calls.constants import (
    BAN_NOTE_MAX_LENGTH,
    BROWSER_LENGTH,
    SHOWN_NOTE_MAX_LENGTH,
    ActorType,
    BanKind,
)
from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel
from talk_calls.host import browser_sessions
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models.conversations import Conversation


class BanQuerySet(PrimaryMixin, models.QuerySet["Ban"]):
    """Reads of bans by whom they keep out."""

    def against(self, actor: Actor, token: str) -> Self:
        """Keep those that keep ``actor`` out of the conversation with this token.

        Users are known by their account alone: an address is shared by many, and somebody with an
        account can be banned by it. Guests are known by their browser and by their network.
        """
        if actor.user is not None:
            return self.filter(user=actor.user, conversation__token=token)
        return self.filter(_against_guest(actor, token), conversation__token=token)

    def of_users(self, users: Collection[HostUser] | Collection[Any]) -> Self:
        """Keep those of any of these users, who are rows or primary keys."""
        return self.filter(user__in=users)


def _against_guest(actor: Actor, token: str) -> Q:
    condition = Q(actor_type=BanKind.ADDRESSES, actor_id=actor.network)
    if actor.browser:
        condition |= Q(browser=browser_sessions.browser_of(token, actor.browser))
    return condition


class Ban(PrimaryModel):
    """Somebody who may not enter a conversation until a moderator lifts the ban.

    A user is identified by the user row and nothing else; everybody else by ``actor_type`` and
    ``actor_id``. A guest who comes back gets another id, so ``browser`` is what keeps them out.
    """

    conversation = PrimaryForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="bans"
    )
    actor_type = models.CharField(_("actor type"), max_length=20, choices=BanKind.choices)
    actor_id = models.CharField(
        _("actor id"),
        max_length=255,
        blank=True,
        help_text=_("Empty for users: the user row is their identity."),
    )
    user = PrimaryForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="talk_bans",
    )
    browser = models.CharField(max_length=BROWSER_LENGTH, blank=True, editable=False)
    display_name = models.CharField(max_length=255, blank=True)
    internal_note = models.TextField(
        _("internal note"),
        max_length=BAN_NOTE_MAX_LENGTH,
        blank=True,
        help_text=_("Only moderators see it."),
    )
    shown_note = models.TextField(
        _("shown note"),
        max_length=SHOWN_NOTE_MAX_LENGTH,
        blank=True,
        help_text=_("Whoever is banned sees it."),
    )
    moderator_type = models.CharField(max_length=20, choices=ActorType.choices, blank=True)
    moderator_id = models.CharField(
        max_length=255, blank=True, help_text="Who banned them; empty for the site."
    )
    moderator_name = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = BanQuerySet.as_manager()

    class Meta:
        """One ban per actor."""

        verbose_name = _("ban")
        verbose_name_plural = _("bans")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"],
                condition=Q(user__isnull=False),
                name="talk_ban_user_once",
            ),
            models.UniqueConstraint(
                fields=["conversation", "actor_type", "actor_id"],
                condition=Q(user__isnull=True),
                name="talk_ban_actor_once",
            ),
            models.CheckConstraint(
                condition=Q(actor_type=BanKind.USERS, user__isnull=False, actor_id="")
                | (~Q(actor_type=BanKind.USERS) & Q(user__isnull=True) & ~Q(actor_id="")),
                name="talk_ban_user_is_identity",
            ),
        ]
        permissions = [("ban_attendee", "Can ban people from conversations and lift bans")]

    def __str__(self) -> str:
        """Return the ``title`` as it stands in a sentence."""
        return names.isolated(self.title)

    @property
    def title(self) -> str:
        """Return the name for operators: an address is its own."""
        return names.shown(self.display_name, self.actor_type, self.actor_id)

    @property
    def known_as(self) -> str:
        """Return the id by which clients know who is banned; a user is loaded for it."""
        return str(conf.directory.user_id(self.user)) if self.user is not None else self.actor_id

    @property
    def operators_key(self) -> str:
        """Return what tells bans with the same name apart; guests have only the number."""
        return str(self.pk) if self.actor_type == BanKind.GUESTS else self.known_as

    @property
    def moderator(self) -> str:
        """Return the name of who banned them, for operators; empty for the site."""
        return names.shown(self.moderator_name, self.moderator_type, self.moderator_id)
