"""A search tells nobody of people, groups, addresses and conversations they may not know of."""

import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.api.throttling import rates
from talk_calls.constants import ActorType, ConversationType, LobbyState
from talk_calls.host.directory import DjangoDirectory
from tests.attacks.test_rates import too_many
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient

pytestmark = pytest.mark.django_db

DOMAIN = "secret.example"
PATH = "autocomplete/get"
EVERYTHING = {"shareTypes[]": ["0", "1", "4"], "itemType": "call"}

#: What is no part of any name, but could be taken for a pattern, a query or nothing at all.
HOSTILE = [
    "%",
    "_",
    "%%%",
    "m_lory",
    "\\",
    "\\%",
    "[a-z]",
    ".*",
    "^",
    "'",
    "' OR 1=1 --",
    '"',
    "*",
    "?",
    "{{ }}",
    "\u202e",
    "\u200b",
    "(a+)+$",
    "--",
    "is_active=True",
    "password__startswith",
    "%00",
    "\U0001f600",
]


class FencedDirectory(DjangoDirectory):
    """Users find those of their tenant, which is in the last name."""

    def users_for(self, viewer):
        users = super().users_for(viewer)
        return users if viewer is None else users.filter(last_name=viewer.last_name)


@pytest.fixture
def mallory(device) -> OCSClient:
    """Return the app of somebody curious: others have addresses, and there is a secret group."""
    for name in ("anna", "bert"):
        UserFactory(username=name, email=f"{name}@{DOMAIN}", last_name="blue")
    UserFactory(username=f"zoe@{DOMAIN}", first_name=f"zoe@{DOMAIN}", email=f"zoe@{DOMAIN}")
    UserFactory(username="gone", is_active=False)
    Group.objects.create(name="layoffs of 2027")
    mallory = UserFactory(username="mallory", email=f"mallory@{DOMAIN}", last_name="red")
    return device(mallory, service="core")


def search(app: OCSClient, term: str = "", **parameters) -> OCSAnswer:
    """Search for everything."""
    return app.get(PATH, {"search": term, **EVERYTHING, **parameters})


def ids(app: OCSClient, term: str = "", **parameters) -> list[str]:
    answer = search(app, term, **parameters)
    assert answer.http == 200, answer.whole
    return [each["id"] for each in answer.data]


def statements(app: OCSClient, term: str, **parameters) -> list[str]:
    """Return the statements of a search, without the term and the times."""
    with CaptureQueriesContext(connection) as queries:
        ids(app, term, **parameters)
    known = re.escape(term), r"[0-9]{4}-[0-9-]+ [0-9:.+]+"
    return [re.sub("|".join(known), "…", query["sql"]) for query in queries]


# Patterns


@pytest.mark.parametrize("term", HOSTILE)
def test_patterns_are_text(mallory, term):
    """What means something to a database finds nobody."""
    assert ids(mallory, term) == []


@pytest.mark.parametrize("term", ["a\0", "\0", "x" * 256, "x" * 100_000])
def test_unsearchable_terms(mallory, term):
    """They are refused before anything is looked up."""
    with CaptureQueriesContext(connection) as queries:
        assert search(mallory, term).http == 400
    assert len(queries) == 1  # who asks


@pytest.mark.parametrize("term", [" ".join("abcdefghi"), "a b " * 60 + "c d e f g h i", "x" * 255])
def test_expensive_terms(mallory, term):
    """Many words would be compared with every name: nobody has so many, so nobody is looked for."""
    assert ids(mallory, term) == []
    compared = sum(sql.count("LIKE") for sql in statements(mallory, term))
    assert compared == 0 or " " not in term


def test_repeated_words_cost_nothing(mallory):
    """A word is compared once."""
    once, often = statements(mallory, "a"), statements(mallory, "a " * 120)
    assert [sql.count("LIKE") for sql in once] == [sql.count("LIKE") for sql in often]


@pytest.mark.parametrize("name", ["search", "itemId", "limit", "shareTypes"])
@pytest.mark.parametrize("value", ['{"a": [1]}', "[[]]", '[{"a": 1}]', "1e400", "true", "[null]"])
def test_other_types(mallory, name, value):
    """What is no text, number or list of numbers is no error of the server."""
    answer = mallory.request("get", PATH, json=f'{{"{name}": {value}}}')
    assert answer.http in {200, 400}


# People


@pytest.mark.parametrize(
    "term", [DOMAIN, f"@{DOMAIN}", "@", f"anna@{DOMAIN[:-1]}", f"anna@{DOMAIN}x", "zoe", "gone"]
)
def test_nobody_is_found_by_an_address(mallory, term):
    """Not by a part, not where it is a name; and nobody who is deactivated."""
    assert [each for each in ids(mallory, term) if each != term] == []


def test_no_address_is_told(mallory):
    """A whole address is echoed, whether or not somebody has it, by the same statements."""
    assert DOMAIN.encode() not in search(mallory).response.content
    for term in ("anna", "bert", "mallory", "layoffs of 2027"):
        assert DOMAIN.encode() not in search(mallory, term).response.content
    known, unknown = f"anna@{DOMAIN}", f"eve@{DOMAIN}"
    assert (ids(mallory, known), ids(mallory, unknown)) == ([known], [unknown])
    assert statements(mallory, known) == statements(mallory, unknown)


def test_ids_that_are_addresses(mallory):
    """Whoever knows the whole id, which an invitation takes, finds it, and nobody else."""
    assert ids(mallory) == ["anna", "bert"]
    assert ids(mallory, f"zoe@{DOMAIN}") == [f"zoe@{DOMAIN}"] * 2  # a user, and an address
    assert ids(mallory, f"zo@{DOMAIN}") == [f"zo@{DOMAIN}"]


@pytest.mark.parametrize("path", ["users/anna@", "users/zoe@"])
def test_names_hide_addresses(mallory, path):
    """An address is no id, also where it is a user name with another id."""
    mallory.service = "cloud"
    answer = mallory.get(path + DOMAIN)
    assert answer.http in {200, 404}
    assert DOMAIN not in str(answer.data.get("displayname") if answer.data else "")


def test_who_is_fenced_off_is_unknown(settings, mallory):
    """The answers are the same as for nobody, and so are the statements."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.FencedDirectory"}
    assert ids(mallory) == ids(mallory, "anna") == ids(mallory, "ann") == []
    assert statements(mallory, "anna") == statements(mallory, "nobody")


def test_groups_of_others(mallory):
    """No part of the name finds them."""
    for term in ("", "layoffs", "2027", "layoffs of 202", "Layoffs of 2027 "):
        assert "layoffs of 2027" not in ids(mallory, term)


# Conversations


@pytest.fixture
def room():
    """Return a listed conversation of Anna and Bert, and of an invited address."""
    room = ConversationFactory(token="room", listable=2, type=ConversationType.PUBLIC)
    for user in UserFactory._meta.model.objects.filter(username__in=["anna", "bert"]):
        AttendeeFactory(conversation=room, user=user, participant_type=1)
    kind = ActorType.EMAILS
    AttendeeFactory(conversation=room, user=None, actor_type=kind, actor_id=f"gus@{DOMAIN}")
    return room


@pytest.mark.parametrize("state", ["outside", "lobby"])
def test_who_is_there_is_not_told_to_others(mallory, room, state):
    """Neither to strangers nor in the lobby; a conversation that is not there answers alike."""
    if state == "lobby":
        room.lobby_state = LobbyState.NON_MODERATORS
        room.save()
        me = UserFactory._meta.model.objects.get(username="mallory")
        AttendeeFactory(conversation=room, user=me)
    for term in ("", "ann", "anna", f"gus@{DOMAIN}"):
        answers = [ids(mallory, term, itemId=token) for token in ("room", "nosuchroom", "new")]
        assert answers[0] == answers[1] == answers[2] != []


def test_strangers_cost_as_much_as_no_conversation(mallory, room):
    """The same statements, whatever the token."""
    asked = [statements(mallory, "an", itemId=token) for token in ("room", "nosuchroom")]
    asked = [[sql.replace("nosuchroom", "room") for sql in each] for each in asked]
    assert asked[0] == asked[1]


def test_invited_addresses(mallory, room):
    """Members who may not see addresses do not learn whether one was invited."""
    me = UserFactory._meta.model.objects.get(username="mallory")
    AttendeeFactory(conversation=room, user=me)
    for address in (f"gus@{DOMAIN}", f"eve@{DOMAIN}"):
        assert ids(mallory, address, itemId="room") == [address]
    known = statements(mallory, f"gus@{DOMAIN}", itemId="room")
    assert known == statements(mallory, f"eve@{DOMAIN}", itemId="room")


# Again and again


def test_rate(settings, monkeypatch, mallory, device):
    """So many a minute for each user, names of others included; the own account is free."""
    settings.TALK_CALLS = {"SEARCHES_PER_MINUTE": 3}
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: 1_800_000_060 + 20))
    assert [search(mallory).http for _ in range(2)] == [200] * 2
    assert search(mallory, limit=0).http == 400  # what cannot be read is not counted
    mallory.service = "cloud"
    assert mallory.get("users/anna").http == 200
    for path in ("users/anna", "users/nobody"):
        assert too_many(mallory.get(path), "Too many searches.")
    assert mallory.get("users/mallory").http == 200
    mallory.service = "core"
    for entry in (1, 2):
        mallory.entry = entry
        assert too_many(search(mallory), "Too many searches.")
    assert search(device(UserFactory(), service="core")).http == 200


def test_other_sites_cannot_ask(mallory):
    """As every endpoint, it wants the header that no other page can send."""
    headers = {"OCS-APIRequest": None}
    assert mallory.request("get", PATH, headers=headers).response.status_code == 412
