"""Bans as moderators see them (behaviour 14)."""

from dataclasses import dataclass

from talk_calls.api.serializers.json_types import TEXT, one_of
from talk_calls.api.serializers.tables import V1, Field, Table, Type, serializers_of
from talk_calls.api.serializers.types import ACTOR_ID, ACTOR_TYPE, PERSON_NAME, UNIX_TIME, unix_time
from talk_calls.constants import BanKind
from talk_calls.models import Ban


@dataclass(frozen=True, slots=True)
class ShownBan:
    """A ban, as it is shown to somebody who sees addresses of e-mail, or does not."""

    ban: Ban
    sees_addresses: bool

    @property
    def is_hidden(self) -> bool:
        """Tell whether who is banned is an address of e-mail that is not shown."""
        return self.ban.actor_type == BanKind.EMAILS and not self.sees_addresses

    @property
    def actor_id(self) -> str:
        """Return the id of who is banned, made of nothing that is hidden."""
        return f"invitee-ban-{self.ban.pk}" if self.is_hidden else self.ban.known_as

    @property
    def name(self) -> str:
        """Return the name of who is banned; of an address it is the address."""
        name = self.ban.display_name or (self.ban.known_as if not self.ban.browser else "")
        return name.partition("@")[0] if self.is_hidden else name


_TYPE = Type(one_of(*BanKind.values), "users")

BAN: Table[ShownBan] = (
    Field("id", lambda shown: shown.ban.pk, Type({"type": "integer"}, 7), "Number of the ban.", V1),
    Field(
        "moderatorActorType",
        lambda shown: shown.ban.moderator_type,
        Type(one_of(*[*ACTOR_TYPE.schema["enum"], ""]), "users"),  # type: ignore[misc]
        "What the moderator is; empty for the site.",
        V1,
    ),
    Field(
        "moderatorActorId",
        lambda shown: shown.ban.moderator_id,
        ACTOR_ID,
        "Who banned them, as known then; empty for the site.",
        V1,
    ),
    Field(
        "moderatorDisplayName",
        lambda shown: shown.ban.moderator_name,
        PERSON_NAME,
        "Name of who banned them, as known then.",
        V1,
    ),
    Field("bannedActorType", lambda shown: shown.ban.actor_type, _TYPE, "Who is banned.", V1),
    Field("bannedActorId", lambda shown: shown.actor_id, ACTOR_ID, "Who is banned.", V1),
    Field(
        "bannedDisplayName",
        lambda shown: shown.name,
        PERSON_NAME.showing("Bob"),
        "Name as known then; empty for a guest without one.",
        V1,
    ),
    Field(
        "bannedTime",
        lambda shown: unix_time(shown.ban.created_at),
        UNIX_TIME,
        "When they were banned, in Unix seconds.",
        V1,
    ),
    Field(
        "internalNote",
        lambda shown: shown.ban.internal_note,
        Type(TEXT, "Shouts."),
        "What moderators noted for each other.",
        V1,
    ),
    Field(
        "shownNote",
        lambda shown: shown.ban.shown_note,
        Type(TEXT, ""),
        "What whoever is banned reads: an extension of ours.",
        V1,
    ),
)

BAN_SERIALIZERS = serializers_of(BAN)
