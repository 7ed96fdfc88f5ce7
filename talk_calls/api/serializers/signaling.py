"""Signaling on the wire (behaviour 8.1 and 8.4)."""

from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from talk_calls.api.serializers.json_types import TEXT, any_of, list_of, map_of, one_of, reference
from talk_calls.api.serializers.tables import (
    TO_V2,
    TO_V3,
    V2,
    V3,
    Field,
    Table,
    Type,
    serializers_of,
)
from talk_calls.api.serializers.types import (
    ACTOR_ID,
    CONVERSATION_ID,
    IN_CALL_FLAGS,
    IN_CALL_FLAGS_TEXT,
    PERMISSIONS,
    PERMISSIONS_TEXT,
    SESSION_ID,
    UNIX_TIME,
    constant,
    unix_time,
)
from talk_calls.host.actors import Actor
from talk_calls.hpb import tokens
from talk_calls.ocs.json_types import JSON, JSONObject
from talk_calls.servers import SignalingServer
from talk_calls.signaling import ice, tickets
from talk_calls.signaling.poll import Answer
from talk_calls.signaling.roster import Present, RosterView

# --- settings -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Signaler:
    """Who wants to signal, as of ``now``; ``may_relay`` gives them credentials for TURN servers.

    A relay costs the site bandwidth, so it is for users, and for guests who are let in, and not for
    those who have to wait. With external signaling ``server`` is the signaling server, and
    ``site`` the address of this site.
    """

    actor: Actor
    may_relay: bool
    now: datetime
    server: SignalingServer | None = None
    site: str = ""
    user_id: str | None = field(init=False)
    ticket: str = field(init=False)

    def __post_init__(self) -> None:
        self.user_id = tickets.user_id(self.actor)
        self.ticket = tickets.ticket(self.actor, self.now)


def _user_id(signaler: Signaler) -> str | None:
    return signaler.user_id


def _ticket(signaler: Signaler) -> str:
    return signaler.ticket


def _mode(signaler: Signaler) -> str:
    return "external" if signaler.server else "internal"


def _server(signaler: Signaler) -> str:
    return signaler.server.url if signaler.server else ""


def _hello(signaler: Signaler) -> JSON:
    found: JSONObject = {"1.0": {"userid": signaler.user_id, "ticket": signaler.ticket}}
    if signaler.server:
        token = tokens.token(signaler.actor, issuer=signaler.site, now=signaler.now)
        if token is not None:
            found["2.0"] = {"token": token}
    return found


def _one_turn_server(signaler: Signaler) -> JSON:
    return ice.one_turn_server(signaler.now) if signaler.may_relay else []


def _all_turn_servers(signaler: Signaler) -> JSON:
    return ice.turn_servers(signaler.now) if signaler.may_relay else []


_USER_ID = Type({**TEXT, "nullable": True}, "alice")
_MODE = Type(one_of("internal", "external"), "internal")
_SERVER = Type(TEXT, "")
_TICKET = Type(TEXT, "9f2c…:1700000000:alice:…")
_HELLO = Type(map_of({"type": "object"}), {"1.0": {"userid": "alice", "ticket": "9f2c…"}})
_SERVERS = Type(list_of(map_of(any_of(TEXT, list_of(TEXT)))), [])
_STUN_TEXT = "STUN servers."
_TURN_TEXT = "TURN servers, with credentials for a day."

#: How to signal. v1 and v2 name one server of each kind, v3 names all.
SETTINGS: Table[Signaler] = (
    Field("signalingMode", _mode, _MODE, "By polling, or by a signaling server.", TO_V3),
    Field("userId", _user_id, _USER_ID, "Name of the user; null for a guest.", TO_V3),
    # The warning would be of polling with many people.
    constant("hideWarning", True, "Nobody has to be warned of many people.", TO_V3),
    Field("server", _server, _SERVER, "URL of the signaling server; empty for none.", TO_V3),
    Field("ticket", _ticket, _TICKET, "Tells a signaling server who asks.", TO_V3),
    Field("helloAuthParams", _hello, _HELLO, "The same, by version of the server.", V3),
    Field("stunservers", lambda _: ice.one_stun_server(), _SERVERS, _STUN_TEXT, TO_V2),
    Field("stunservers", lambda _: ice.stun_servers(), _SERVERS, _STUN_TEXT, V3),
    Field("turnservers", _one_turn_server, _SERVERS, _TURN_TEXT, TO_V2),
    Field("turnservers", _all_turn_servers, _SERVERS, _TURN_TEXT, V3),
    constant("sipDialinInfo", "", "Empty: there is no dial-in.", V2 | V3),
)

#: The serializers of the settings by version.
SETTINGS_SERIALIZERS = serializers_of(SETTINGS)

# --- polls --------------------------------------------------------------------------------------


def _present_user_id(present: Present) -> str:
    """Return the name of a user as text: a directory may name users by numbers or UUIDs."""
    return "" if present.user_id is None else str(present.user_id)


#: Somebody who is online in a conversation, as a poll returns them.
USER_IN_ROOM: Table[Present] = (
    Field(
        "userId",
        _present_user_id,
        ACTOR_ID,
        "Name of the user; empty for everybody else.",
        TO_V3,
    ),
    Field(
        "roomId",
        lambda present: present.session.conversation_id,
        CONVERSATION_ID,
        "Number of the conversation.",
        TO_V3,
    ),
    Field(
        "lastPing",
        lambda present: unix_time(present.session.last_ping),
        UNIX_TIME,
        "When the device was last heard of.",
        TO_V3,
    ),
    Field(
        "sessionId",
        lambda present: present.session.session_id,
        SESSION_ID,
        "Id of the device's session.",
        TO_V3,
    ),
    Field("inCall", lambda present: present.flags, IN_CALL_FLAGS, IN_CALL_FLAGS_TEXT, TO_V3),
    Field(
        "participantPermissions",
        lambda present: present.permissions,
        PERMISSIONS,
        f"What counts. {PERMISSIONS_TEXT}",
        V3,
    ),
)

#: What a poll returns: each message, and at the end who is there.
NEWS: Table[tuple[str, JSON]] = (
    Field(
        "type",
        itemgetter(0),
        Type(one_of("message", "usersInRoom"), "usersInRoom"),
        "What it is.",
        TO_V3,
    ),
    Field(
        "data",
        itemgetter(1),
        Type(any_of(TEXT, list_of(reference("UserInRoom"))), []),
        "A message as JSON text, or everybody who is online.",
        TO_V3,
    ),
)

_news_item = serializers_of(NEWS)["v3"]

#: Which sessions the polls of a version list, and how; v3 leaves out those that are silent.
ROSTER_VIEWS = {
    version: RosterView(serialize, recently=version in V3)
    for version, serialize in serializers_of(USER_IN_ROOM).items()
}


def poll_items(answer: Answer) -> list[JSONObject]:
    """Return the data of a poll's answer: messages, and at the end who is there."""
    messages = [_news_item(("message", text)) for text in answer.messages]
    return [*messages, _news_item(("usersInRoom", list(answer.users)))]
