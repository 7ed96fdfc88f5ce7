"""Guessing is useless, and honest people never notice."""

import base64
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.test import Client, RequestFactory
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.settings import api_settings

from talk_calls.api.throttling import guesses
from talk_calls.api.throttling.addresses import address_of
from talk_calls.api.throttling.guesses import GUESSES, REPEATS, WINDOW, guessing_account
from talk_calls.constants import ConversationType
from talk_calls.models import AppPassword, Session
from talk_calls.services import app_passwords, conversations
from tests.contract.expected import refused
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account_passwords")]

SECRET = "open sesame"
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def room():
    return ConversationFactory(password=make_password(SECRET))


@pytest.fixture
def alice() -> User:
    return UserFactory(username="alice", password=SECRET)


def at(address: str) -> Client:
    """Return a browser without cookies at an address."""
    return Client(REMOTE_ADDR=address)


def enter(room, password: str = SECRET, address: str = HERE, **kwargs) -> OCSAnswer:
    """Come in as a guest nobody has seen before."""
    client = OCSClient(browser=at(address), **kwargs)
    return client.post(f"room/{room.token}/participants/active", {"password": password})


def log_in(username: str, password: str = SECRET, address: str = HERE, **kwargs) -> OCSAnswer:
    """Ask for something that needs a login."""
    return OCSClient(username=username, password=password, browser=at(address), **kwargs).get(
        "room"
    )


def guess(attempt, *args, number: int = GUESSES, status: int, **kwargs) -> None:
    """Make different wrong guesses, all of which are refused for what they are."""
    for each in range(number):
        assert attempt(*args, f"guess {each}", **kwargs).http == status


def too_many(answer: OCSAnswer, wait: int = WINDOW) -> bool:
    """Return whether the answer is 429 with a ``Retry-After`` of at most ``wait`` seconds."""
    seconds = int(answer.response["Retry-After"])
    message = f"Too many wrong passwords. Expected available in {seconds} seconds."
    assert answer.whole == refused(answer, 429, message)
    return wait - 60 < seconds <= wait


# The limit


@pytest.mark.parametrize("entry", [1, 2])
def test_conversation_password(room, version, wire, entry):
    """The tenth wrong guess is refused as wrong; the eleventh is not looked at, right or wrong."""
    kwargs = {"version": version, "wire": wire, "entry": entry}
    for number in range(GUESSES):
        answer = enter(room, f"guess {number}", **kwargs)
        assert answer.whole == refused(answer, 403)
    assert too_many(enter(room, "guess 10", **kwargs))
    assert too_many(enter(room, "guess 3", **kwargs))
    assert too_many(enter(room, SECRET, **kwargs))
    assert not Session.objects.exists()


@pytest.mark.parametrize("entry", [1, 2])
@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_account_password(alice, version, wire, entry, name):
    """Logins are counted the same way, and so are names that nobody has."""
    kwargs = {"version": version, "wire": wire, "entry": entry}
    guess(log_in, name, status=401, **kwargs)
    assert too_many(log_in(name, "guess 10", **kwargs))
    assert too_many(log_in(name, "guess 3", **kwargs))
    assert too_many(log_in(name, SECRET, **kwargs))
    assert "WWW-Authenticate" not in log_in(name, **kwargs).response


def test_limit_is_the_same_by_every_route(room):
    """Guesses add up over versions, entries and forms of an answer."""
    ways = [(v, e, w) for v in ("v1", "v2", "v3") for e in (1, 2) for w in ("json", "xml")]
    answers = [
        enter(room, f"guess {number}", version=version, entry=entry, wire=wire).code
        for number, (version, entry, wire) in enumerate(ways)
    ]
    assert answers == [403] * GUESSES + [429, 429]


def test_account_limit_is_the_same_by_every_route(alice, room):
    """So do logins, whatever is asked for, also where guests are welcome."""
    paths = ["room", f"room/{room.token}", f"call/{room.token}", f"room/{room.token}/participants"]
    answers = [
        OCSClient(username="alice", password=f"guess {number}").get(paths[number % 4]).http
        for number in range(12)
    ]
    assert answers == [401] * GUESSES + [429, 429]


@pytest.mark.parametrize("name", ["ALICE", "Alice", " alice", "alice ", "\uff41lice"])
def test_spellings_of_a_name_are_one(alice, name):
    """Where a user model takes them for the same, they must not multiply the guesses."""
    guess(log_in, "alice", status=401)
    assert log_in(name, "guess 10").http == 429


def test_throttled_guess_costs_no_slow_hash(room, alice, monkeypatch):
    """Nothing is verified any more: that would be the costly part, and the one with an answer."""
    guess(enter, room, status=403)
    guess(log_in, "alice", status=401)
    monkeypatch.setattr("talk_calls.services.sessions.check_password", pytest.fail)
    monkeypatch.setattr("talk_calls.api.authentication.authenticate", pytest.fail)
    assert too_many(enter(room))
    assert too_many(log_in("alice"))


def test_window(room):
    """Each guess is forgotten a quarter of an hour after it was made, and one more is free."""
    start = time.time()
    with time_machine.travel(start, tick=False) as clock:
        guess(enter, room, status=403, number=1)
        clock.shift(timedelta(minutes=5))
        for number in range(1, GUESSES):
            assert enter(room, f"guess {number}").http == 403
        assert enter(room).response["Retry-After"] == "600"
        clock.shift(timedelta(seconds=599))
        assert enter(room).response["Retry-After"] == "1"
        clock.shift(timedelta(seconds=1))
        assert enter(room, "guess 10").http == 403
        assert enter(room).response["Retry-After"] == "300"
        clock.shift(timedelta(seconds=300))
        assert enter(room).http == 200


# Repeating is no guessing


def test_repeated_guess_uses_one_slot(room):
    """One wrong password, however often, keeps out nobody who has the right one."""
    assert [enter(room, "old").http for _ in range(REPEATS)] == [403] * REPEATS
    assert too_many(enter(room, "old"))
    assert enter(room).http == 200
    for number in range(GUESSES - 1):
        assert enter(room, f"guess {number}").http == 403
    assert enter(room, "guess 9").http == 429


def test_repeated_guess_is_one_while_others_are_forgotten(room):
    """A repeated guess stays in its slot when an earlier one is free."""
    with time_machine.travel(time.time(), tick=False) as clock:
        enter(room, "first")
        clock.shift(timedelta(seconds=WINDOW - 1))
        enter(room, "old")
        clock.shift(timedelta(seconds=1))
        enter(room, "old")
        for number in range(GUESSES - 1):
            assert enter(room, f"guess {number}").http == 403


def test_revoked_app_password_never_locks_its_user_out(alice):
    """An old client repeats it for ever; the account password and the new one still open."""
    _, revoked = app_passwords.create(user=alice, name="old phone")
    AppPassword.objects.all().delete()
    _, secret = app_passwords.create(user=alice, name="new phone")
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(10):
            answers = [log_in("alice", revoked).http for _ in range(REPEATS + 2)]
            assert answers == [401] * REPEATS + [429, 429]
            assert log_in("alice", secret).http == 200
            assert log_in("alice").http == 200
            clock.shift(timedelta(seconds=WINDOW))


def test_guess_that_becomes_right(room):
    """What was wrong is right once a moderator makes it the password, and counts no more."""
    guess(enter, room, status=403, number=GUESSES - 1)
    conversations.set_password(conversation=room, password="guess 0", now=room.created_at)
    assert enter(room, "guess 0").http == 200
    for number in (20, 21):
        assert enter(room, f"guess {number}").http == 403
    assert enter(room).http == 429


# Who is not meant


def test_other_address_other_conversation_other_name(room, alice):
    """A limit is that of one secret and one address."""
    other = ConversationFactory(password=make_password(SECRET))
    UserFactory(username="bob", password=SECRET)
    guess(enter, room, status=403)
    guess(log_in, "alice", status=401)
    assert enter(room, address=THERE).http == 200
    assert enter(other).http == 200
    assert log_in("alice", address=THERE).http == 200
    assert log_in("bob").http == 200


def test_those_who_need_no_password(room, device):
    """Members join beyond any limit, with or without a password."""
    attendee = AttendeeFactory(conversation=room)
    path = f"room/{room.token}/participants/active"
    guess(enter, room, status=403, address="127.0.0.1")
    assert enter(room, address="127.0.0.1").http == 429
    assert device(attendee.user).post(path).http == 200
    assert device(attendee.user).post(path, {"password": "wrong"}).http == 200


def test_wrong_password_of_those_who_need_none_is_no_guess(room, device):
    """A password that is not compared is not counted."""
    attendee = AttendeeFactory(conversation=room)
    for number in range(GUESSES + 1):
        data = {"password": f"guess {number}"}
        answer = device(attendee.user).post(f"room/{room.token}/participants/active", data)
        assert answer.http == 200
    assert enter(room, address="127.0.0.1").http == 200


def test_app_password_bearer_and_cookie_are_past_the_limit(alice):
    """Only the account password can be guessed, so nothing else is refused."""
    _, secret = app_passwords.create(user=alice, name="phone")
    jar = OCSClient(username="alice", password=SECRET, browser=at(HERE))
    assert jar.get("room").http == 200
    guess(log_in, "alice", status=401)
    assert log_in("alice").http == 429
    assert log_in("alice", secret).http == 200
    assert jar.get("room").http == 200
    bearer = Client(REMOTE_ADDR=HERE, headers={"Authorization": f"Bearer {secret}"})
    assert OCSClient(browser=bearer).get("room").http == 200


def test_wrong_bearer_never_counts(alice):
    """125 random bits need no limit."""
    for number in range(GUESSES + 1):
        token = f"AAAAA-AAAAA-AAAAA-AAAAA-{number:05}"
        client = Client(REMOTE_ADDR=HERE, headers={"Authorization": f"Bearer {token}"})
        assert OCSClient(browser=client).get("room").http == 401
    assert log_in("alice").http == 200


@pytest.mark.parametrize("password", ["", None])
def test_no_password_is_no_guess(room, monkeypatch, password):
    """It is refused as ever, limit or not, and costs no slow hash."""
    path = f"room/{room.token}/participants/active"
    data = {} if password is None else {"password": password}
    monkeypatch.setattr("talk_calls.services.sessions.check_password", pytest.fail)
    for _ in range(REPEATS + GUESSES):
        assert OCSClient(browser=at(HERE)).post(path, data).http == 403
    monkeypatch.undo()
    guess(enter, room, status=403)
    assert OCSClient(browser=at(HERE)).post(path, data).http == 403


def test_honest_404s_never_count(room):
    """Neither what is not there, nor a session that is lost, is anybody's guess."""
    private = ConversationFactory(type=ConversationType.GROUP, password=make_password(SECRET))
    client = OCSClient(browser=at(HERE))
    client.post(f"room/{room.token}/participants/active", {"password": SECRET})
    Session.objects.all().delete()
    for _ in range(2 * GUESSES):
        assert client.get(f"call/{room.token}").http == 404
        assert client.post(f"call/{room.token}").http == 404
        assert enter(private, "wrong").http == 404
        assert client.get("room/unknown").http == 404
    assert enter(room).http == 200


def test_other_refusals_are_no_guesses(room):
    """A refusal after the password was accepted is not counted."""
    path = f"room/{room.token}/participants/active"
    client = OCSClient(browser=at(HERE))
    client.post(path, {"password": SECRET})
    client.post(f"call/{room.token}")
    for _ in range(REPEATS + GUESSES):
        assert client.post(path, {"password": SECRET, "force": "false"}).http == 409
    guess(enter, room, status=403, number=GUESSES - 1)
    assert enter(room).http == 200


# A thousand honest people behind one address


def test_many_clients_of_one_address(room):
    """Some mistype the password once; they and all others join with the right one."""
    for number in range(45):
        if number % 5:
            assert enter(room, f"{SECRET}{'.' * (number % 5)}").http == 403
        assert enter(room).http == 200


def test_thousand_logins(rf):
    """A thousand people log in at one address, and every tenth mistypes the password."""
    for number in range(1000):
        for password in ("typo", SECRET) if number % 10 == 0 else (SECRET,):
            with suppress(AuthenticationFailed), account(rf, password, name=f"user{number}"):
                if password == "typo":
                    raise AuthenticationFailed


def test_thousand_at_once(rf, settings):
    """The right password takes one slot while it is verified, however many wait for that."""
    settings.TALK_CALLS = {"PASSWORDS_AT_ONCE": 1001}
    for number in range(GUESSES - 1):
        with suppress(AuthenticationFailed), account(rf, f"guess {number}"):
            raise AuthenticationFailed
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(account(rf, SECRET))
    with account(rf, SECRET):
        pass


def account(rf: RequestFactory, password: str, name: str = "alice", **meta: str):
    """Return the block around the verification of a login."""
    return guessing_account(rf.get("/", **meta), name, password)


# The count


def test_guesses_at_once(rf, settings):
    """Ten are verified at once and no more, though none of them has failed yet."""
    settings.TALK_CALLS = {"PASSWORDS_AT_ONCE": 20}
    with ExitStack() as stack:
        for number in range(GUESSES):
            stack.enter_context(account(rf, f"guess {number}"))
        with pytest.raises(Throttled):
            stack.enter_context(account(rf, "guess 10"))


def test_error_gives_no_guess_back(rf):
    """After an error the guess stays counted; errors must not allow guesses without limit."""
    for number in range(GUESSES):
        with suppress(RuntimeError), account(rf, f"guess {number}"):
            raise RuntimeError
    with pytest.raises(Throttled), account(rf, SECRET):
        pass


def test_cache_holds_no_secret(room):
    """Neither passwords nor addresses lie about in the cache, and memcached takes the keys."""
    enter(room, "tell nobody")
    stored = str(cache._cache)
    assert "talk_calls.guess." in stored
    assert HERE not in stored
    for key, pickled in cache._cache.items():
        assert b"tell nobody" not in pickled
        assert len(key) < 250
        assert key.isascii()


BACKENDS = {
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "other"},
    "database": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "guesses"},
    "files": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache"},
}


@pytest.fixture(params=BACKENDS)
def backend(request, settings, tmp_path) -> dict[str, str]:
    """Keep the guesses in each kind of cache that Django brings and that needs no service."""
    chosen = {"LOCATION": str(tmp_path)} | BACKENDS[request.param]
    settings.CACHES = {"default": chosen}
    if request.param == "database":
        call_command("createcachetable")
    return chosen


def test_every_kind_of_cache(backend, room):
    """The limit and its end are the same, also where Django counts without care for time-outs."""
    with time_machine.travel(time.time(), tick=False) as clock:
        assert enter(room).http == 200
        guess(enter, room, status=403)
        clock.shift(timedelta(seconds=WINDOW - 1))
        assert enter(room).http == 429
        clock.shift(timedelta(seconds=2))
        assert enter(room).http == 200


PROCESS = """
import sys
import django
from django.conf import settings
from django.test import RequestFactory

settings.CACHES = {"default": {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": sys.argv[1],
}}
django.setup()
from rest_framework.exceptions import AuthenticationFailed
from talk_calls.api.throttling.guesses import guessing_account

for number in range(5):
    try:
        with guessing_account(RequestFactory().get("/"), "alice", sys.argv[2] + str(number)):
            raise AuthenticationFailed
    except AuthenticationFailed:
        pass
"""


def test_processes_count_together(rf, settings, tmp_path):
    """Two workers that share a cache share the limit (CVE-2021-41177)."""
    for name in ("first", "second"):
        command = [sys.executable, "-c", PROCESS, str(tmp_path), name]
        subprocess.run(command, check=True, env={"DJANGO_SETTINGS_MODULE": "tests.settings"})  # noqa: S603
    settings.CACHES = {"default": BACKENDS["files"] | {"LOCATION": str(tmp_path)}}
    with pytest.raises(Throttled), account(rf, SECRET):
        pass


class BrokenCache(LocMemCache):
    """A cache whose server is away."""

    def __init__(self, *args, **kwargs) -> None:
        raise ConnectionError("no cache at 192.0.2.7")


@pytest.mark.parametrize(
    "kind", ["tests.api.throttling.test_guesses.BrokenCache", "dummy", "no table"]
)
def test_cache_that_is_away_keeps_nobody_out(settings, room, alice, kind, caplog):
    """Guesses go uncounted, with a warning: else everybody with a password would be locked out."""
    broken = {"BACKEND": kind}
    if kind == "dummy":
        broken = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    elif kind == "no table":
        broken = BACKENDS["memory"] | {"BACKEND": "tests.api.throttling.test_guesses.Tableless"}
    settings.CACHES = {"default": broken}
    guess(enter, room, status=403, number=GUESSES + 1)
    guess(log_in, "alice", status=401, number=GUESSES + 1)
    assert (enter(room).http, log_in("alice").http) == (200, 200)
    warned = [record for record in caplog.records if record.name == guesses.__name__]
    assert bool(warned) == (kind != "dummy")
    assert not any(SECRET in record.getMessage() for record in warned)


class Tableless(LocMemCache):
    """A cache that can be reached and neither read nor written."""

    def get_many(self, *args, **kwargs):
        raise OSError("read-only")

    get = add = set = delete = get_many


# Where somebody comes from


def test_forwarded_for_is_believed_from_nobody(room):
    """A header that anybody can send makes no new address."""
    for number in range(GUESSES):
        assert forwarded(room, f"guess {number}", f"10.0.0.{number}").http == 403
    assert forwarded(room, SECRET, "10.0.0.99").http == 429


def forwarded(room, password: str, addresses: str) -> OCSAnswer:
    """Come in with ``X-Forwarded-For``."""
    headers = {"X-Forwarded-For": addresses}
    client = OCSClient(browser=Client(REMOTE_ADDR=HERE, headers=headers))
    return client.post(f"room/{room.token}/participants/active", {"password": password})


def test_forwarded_for_by_a_known_number_of_proxies(room, settings):
    """With NUM_PROXIES the address is the one that the outermost own proxy saw."""
    settings.REST_FRAMEWORK = {"NUM_PROXIES": 1}
    assert api_settings.NUM_PROXIES == 1
    for number in range(GUESSES):
        assert forwarded(room, f"guess {number}", f"10.0.0.{number}, 198.51.100.1").http == 403
    assert forwarded(room, SECRET, "10.0.0.99, 198.51.100.1").http == 429
    assert forwarded(room, SECRET, "198.51.100.2").http == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:40123", "192.0.2.1"),
        ("[2001:db8:1:2::3]:40123", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::3]", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", "unix:"),
        ("unknown:1", "unknown:1"),
    ],
)
def test_address(rf, address, counted):
    """IPv6 is counted by /64, as everybody has that many to choose from, and without a port."""
    assert address_of(rf.get("/", REMOTE_ADDR=address)) == counted


def test_ipv6_neighbours(room):
    """Changing the address within one's network gives no new guesses."""
    for number in range(GUESSES):
        assert enter(room, f"guess {number}", address=f"2001:db8::{number}").http == 403
    assert enter(room, address="2001:db8::ffff").http == 429
    assert enter(room, address="2001:db8:0:1::1").http == 200


def test_basic_header_in_pieces(alice):
    """However the header is written, it is the same login."""
    for number in range(GUESSES):
        header = base64.b64encode(f"alice:guess {number}".encode()).decode()
        client = Client(REMOTE_ADDR=HERE, headers={"Authorization": f"bAsIc   {header} "})
        assert OCSClient(browser=client).get("room").http == 401
    assert log_in("alice").http == 429
