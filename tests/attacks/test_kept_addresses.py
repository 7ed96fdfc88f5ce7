"""The address of a client is kept nowhere longer than a ban or a count needs it."""

import base64
import logging
import pickle
import re
import time

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from talk_calls.host.actors import HostUser
from talk_calls.models import AuditEntry, Ban, CallLeg, Session
from tests.app_passwords import app_password_in_use
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSClient
from tests.people import arrive

pytestmark = pytest.mark.django_db

#: An address, what is banned for it, and what would give it away wherever it stands.
ADDRESSES = {
    "IPv4": ("8.8.4.4", "8.8.4.4", "8.8.4.4"),
    "IPv6": ("2a00:1450:4001:81b::2003", "2a00:1450:4001:81b::/64", "2a00:1450:4001:"),
}


@pytest.fixture(params=ADDRESSES, autouse=True)
def known(request, caplog):
    """Return an address, its network and its trace; all logs are kept from INFO on."""
    caplog.set_level(logging.INFO)
    cache.clear()
    yield ADDRESSES[request.param]
    cache.clear()


@pytest.fixture(autouse=True)
def _few_proxies(settings):
    settings.TALK_CALLS = {"ACCOUNT_PASSWORDS": True, "GUESTS_PER_MINUTE": 6}


def columns_with(trace: str) -> set[str]:
    """Return the columns of all tables that have a value with ``trace`` in it.

    What Django signs, packs or encodes, such as its sessions, is looked into.
    """
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found |= {
                    f"{table}.{name}"
                    for name, value in zip(names, row, strict=True)
                    if trace in str(value).lower() or trace in decoded(table, name, value)
                }
    return found


def decoded(table: str, column: str, value: object) -> str:
    """Return the data of a session of Django as text; empty for anything else."""
    if (table, column) != ("django_session", "session_data"):
        return ""
    session = apps.get_model("sessions", "Session")
    return str(session(session_data=value).get_decoded()).lower()


def cached() -> dict[str, object]:
    """Return what is in the cache, by key."""
    return {key: pickle.loads(value) for key, value in cache._cache.items()}  # noqa: S301


def attack(address: str) -> None:
    """Do whatever a client may do from an address, and try more until limits refuse it."""
    alice = UserFactory(username="alice", password=make_password("right"))
    _visit(address, alice)
    _guess(address)
    _come_without_end(address)


def _visit(address: str, alice: HostUser) -> None:
    """Make a conversation, invite somebody, and stay in its call as a guest."""
    user = OCSClient(
        browser=Client(REMOTE_ADDR=address),
        version="v4",
        username="alice",
        password=app_password_in_use(alice),
    )
    token = user.post("room", {"roomType": 3, "roomName": "Mine"}).data["token"]
    user.post(f"room/{token}/participants", {"newParticipant": "a@b.org", "source": "emails"})
    guest = OCSClient(browser=Client(REMOTE_ADDR=address), version="v4")
    guest.post(f"room/{token}/participants/active")
    assert user.post(f"room/{token}/participants/active").http == 200
    assert user.post(f"call/{token}", {"flags": 7}).http == 200
    assert guest.post(f"call/{token}", {"flags": 7}).http == 200
    web = Client(REMOTE_ADDR=address)
    web.force_login(alice)
    web.get(f"/call/{token}")
    web.post("/login/v2", headers={"User-Agent": "An app"})


def _guess(address: str) -> None:
    """Send wrong passwords of a conversation and of accounts, and bodies that are none."""
    room = ConversationFactory(password=make_password("right"))
    device = OCSClient(browser=Client(REMOTE_ADDR=address), version="v4")
    for number in range(12):
        answer = device.post(
            f"room/{room.token}/participants/active", {"password": f"wrong{number}"}
        )
        basic = base64.b64encode(f"alice:wrong{number}".encode()).decode()
        device.request("get", "room", headers={"Authorization": f"Basic {basic}"})
        device.request("post", "room", json="{")
    assert answer.http == 429
    device.browser.post("/admin/login/", {"username": "alice", "password": "wrong"})
    device.browser.get("/call/nowhere")


def _come_without_end(address: str) -> None:
    room = ConversationFactory()
    for _ in range(8):
        guest = OCSClient(browser=Client(REMOTE_ADDR=address), version="v4")
        answer = guest.post(f"room/{room.token}/participants/active")
    assert answer.http == 429


def test_no_trace(known, caplog):
    """Neither in a table, nor in the cache, nor in a session of Django, nor in a log."""
    address, _, trace = known
    attack(address)
    assert Session.objects.exists()
    assert CallLeg.objects.exists()
    assert AuditEntry.objects.exists()
    assert columns_with(trace) == set()
    kept = cached()
    assert kept
    assert not [entry for entry in kept.items() if trace in str(entry).lower()]
    assert caplog.records
    assert trace not in caplog.text.lower()


def test_how_long_is_counted(known):
    """Counts name an address by a keyed hash, and end within the time that the docs name."""
    began = time.time()
    attack(known[0])
    lasting: dict[str, float] = {}
    for key, end in cache._expire_info.items():
        kind = re.match(r":1:talk_calls\.(\w+)\.[0-9a-f]{64}\.", key)
        if kind is None:
            assert not re.match(r":1:talk_calls\.(guess|rate)", key), key
            continue
        lasting[kind[1]] = max(lasting.get(kind[1], 0), end - began)
    seconds = time.time() - began + 1
    assert lasting["guess"] <= 900 + seconds
    assert lasting["rate"] <= 3600 + seconds


@pytest.mark.parametrize("lifted_by", ["moderator", "admin", "command", "deletion"])
def test_a_ban(known, caplog, client, lifted_by):
    """An address stands in its ban alone, and nowhere once the ban is lifted."""
    address, network, trace = known
    room = ConversationFactory()
    owner = arrive("owner", room, version="v1")
    answer = owner.device.post(f"ban/{room.token}", {"actorType": "ips", "actorId": address})
    assert answer.http == 200
    ban = Ban.objects.get()
    assert ban.actor_id == network
    stranger = OCSClient(browser=Client(REMOTE_ADDR=address), version="v4")
    assert stranger.post(f"room/{room.token}/participants/active").http == 403
    assert columns_with(trace) == {"talk_calls_ban.actor_id"}
    match lifted_by:
        case "moderator":
            assert owner.device.request("delete", f"ban/{room.token}/{ban.pk}").http == 200
        case "admin":
            client.force_login(UserFactory(is_staff=True, is_superuser=True))
            data = {"action": "lift_ban", "_selected_action": ban.pk, "confirmed": "yes"}
            client.post("/admin/talk_calls/ban/", {**data, "reason": "Over"})
        case "command":
            call_command("talk_ban", "remove", room.token, str(ban.pk))
        case "deletion":
            room.delete()
    assert not Ban.objects.exists()
    assert columns_with(trace) == set()
    assert trace not in str(cached()).lower()
    assert trace not in caplog.text.lower()


def test_a_trace_is_found(known):
    """The scan sees tables, and sessions of Django."""
    address, network, trace = known
    room = ConversationFactory(name=f"Of {address}")
    browser = Client()
    session = browser.session
    session["from"] = address
    session.save()
    Ban.objects.create(conversation=room, actor_type="ips", actor_id=network)
    assert columns_with(trace) == {
        "talk_calls_conversation.name",
        "talk_calls_ban.actor_id",
        "django_session.session_data",
    }
