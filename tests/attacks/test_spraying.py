"""Passwords for ever new names, or ever new conversations: a limit, and a few threads at most."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client, RequestFactory
from rest_framework.exceptions import AuthenticationFailed, Throttled

from talk_calls.accounts.forms import LoginForm
from talk_calls.api.throttling.guesses import (
    REPEATS,
    WINDOW,
    YIELDS_AFTER,
    guessing_account,
)
from talk_calls.conf import DEFAULTS
from talk_calls.constants import ParticipantType
from talk_calls.exceptions import ServerBusy
from talk_calls.host import hashing
from talk_calls.models import Conversation
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.ocs_client import OCSAnswer, OCSClient

pytestmark = pytest.mark.django_db

HERE, THERE = "192.0.2.1", "192.0.2.2"
SECRET = "open sesame"
MOST = 20  # wrong guesses from one address, in most tests here


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.TALK_CALLS = {"ACCOUNT_PASSWORDS": True, "GUESSES_PER_ADDRESS": MOST}


def log_in(name: str, password: str = SECRET, address: str = HERE) -> OCSAnswer:
    """Ask for something that needs a login, without cookies."""
    browser = Client(REMOTE_ADDR=address)
    return OCSClient(username=name, password=password, browser=browser).get("room")


def enter(room: Conversation, password: str = SECRET, address: str = HERE) -> OCSAnswer:
    """Come in as a guest nobody has seen before."""
    client = OCSClient(browser=Client(REMOTE_ADDR=address))
    return client.post(f"room/{room.token}/participants/active", {"password": password})


def form_errors(name: str, password: str = SECRET, address: str = HERE) -> list[str]:
    """Return what the login form says; nothing if it lets somebody in."""
    request = RequestFactory(REMOTE_ADDR=address).post("/")
    form = LoginForm(request, data={"username": name, "password": password})
    return [] if form.is_valid() else list(form.errors["__all__"])


def rooms(number: int) -> list[Conversation]:
    """Return so many conversations that have a password."""
    return ConversationFactory.create_batch(number, password=make_password(SECRET))


def use_up(address: str = HERE) -> int:
    """Guess for ever new names until nothing more is verified; return how many were."""
    request = RequestFactory(REMOTE_ADDR=address).get("/")
    verified = 0
    for number in range(20 * MOST):
        guess = guessing_account(request, f"somebody {number}", "Summer2026!")
        with suppress(Throttled, AuthenticationFailed), guess:
            verified += 1
            raise AuthenticationFailed
    return verified


# The limit of an address


def test_new_names(monkeypatch):
    """However many names, no more than the limit are verified, and the others cost no hash."""
    answers = [log_in(f"user {number}", "Summer2026!").http for number in range(2 * MOST)]
    assert set(answers) == {401, 429}
    assert MOST / 2 < answers.count(401) <= MOST
    UserFactory(username="alice", password=SECRET)
    assert use_up() == MOST - answers.count(401)
    monkeypatch.setattr("talk_calls.api.authentication.authenticate", pytest.fail)
    answer = log_in("alice")
    assert answer.http == 429
    assert 0 < int(answer.response["Retry-After"]) <= WINDOW
    assert form_errors("alice")[0].startswith("Too many wrong passwords.")


def test_new_conversations(monkeypatch):
    """It is the same with the passwords of conversations, and they count with those of accounts."""
    many = rooms(2 * MOST)
    answers = [enter(room, "guess").http for room in many]
    assert set(answers) == {403, 429}
    assert MOST / 2 < answers.count(403) <= MOST
    assert use_up() == MOST - answers.count(403)
    monkeypatch.setattr("talk_calls.services.sessions.check_password", pytest.fail)
    assert enter(many[0]).http == 429


def test_login_page():
    """The login page counts with the API."""
    before = [form_errors(f"user {number}", "Summer2026!")[0] for number in range(2 * MOST)]
    refused = [message for message in before if message.startswith("Too many wrong passwords.")]
    assert use_up() == MOST - (len(before) - len(refused))
    assert log_in("alice").http == 429


def test_nobody_else_is_kept_out():
    """Not other addresses, nor those who come with a cookie."""
    [room] = rooms(1)
    UserFactory(username="alice", password=SECRET)
    known = OCSClient(username="alice", password=SECRET, browser=Client(REMOTE_ADDR=HERE))
    assert known.get("room").http == 200
    use_up()
    assert known.get("room").http == 200
    assert (log_in("alice").http, log_in("alice", address=THERE).http) == (429, 200)
    assert (enter(room).http, enter(room, address=THERE).http) == (429, 200)


def test_end_of_the_limit():
    """Every guess is forgotten a quarter of an hour after it was made."""
    UserFactory(username="alice", password=SECRET)
    with time_machine.travel(time.time(), tick=False) as clock:
        use_up()
        assert log_in("alice").http == 429
        clock.shift(timedelta(seconds=WINDOW + 1))
        assert log_in("alice").http == 200


def test_right_passwords_count_nothing():
    """An office logs in, and its guests come in, however many they are."""
    UserFactory(username="alice", password=SECRET)
    [room] = rooms(1)
    for _ in range(MOST + 1):
        assert (log_in("alice").http, enter(room).http) == (200, 200)


def test_repeated_passwords_count_once():
    """A device that repeats an old password uses up the limit of nobody else."""
    UserFactory(username="alice", password=SECRET)
    for number in range(3):
        for _ in range(REPEATS + 1):
            log_in(f"user {number}", "an old one")
    assert log_in("alice").http == 200


def test_guesses_beyond_their_own_limit_count_nothing():
    """Somebody who is locked out of one account does not lock out the whole office."""
    UserFactory(username="alice", password=SECRET)
    for number in range(2 * MOST):
        log_in("bob", f"guess {number}")
    assert log_in("bob").http == 429
    assert log_in("alice").http == 200


@pytest.mark.parametrize("seed", range(10))
def test_office_never_meets_the_default(rf, settings, seed):
    """Half of the limit, mistyped in a quarter of an hour, keeps nobody out."""
    settings.TALK_CALLS = {}
    for number in range(DEFAULTS["GUESSES_PER_ADDRESS"] // 2):
        with suppress(AuthenticationFailed), guessing_account(rf.get("/"), f"{number}", f"{seed}"):
            raise AuthenticationFailed


def test_limit_at_once(rf, settings):
    """It is not exceeded by guesses of which none has failed yet."""
    settings.TALK_CALLS = {"GUESSES_PER_ADDRESS": MOST, "PASSWORDS_AT_ONCE": 10 * MOST}
    entered = 0
    with ExitStack() as stack:
        for number in range(10 * MOST):
            with suppress(Throttled):
                stack.enter_context(guessing_account(rf.get("/"), f"user {number}", "guess"))
                entered += 1
    assert MOST / 2 < entered <= MOST


def test_networks_of_ipv6():
    """Who has a /48 has 65,536 of the /64 by which guesses at one name are counted."""
    for number in range(4 * MOST):
        log_in("alice", "Summer2026!", f"2001:db8:1:{number:x}::1")
    assert log_in("alice", address="2001:db8:1:ffff::1").http == 429
    assert log_in("alice", address="2001:db8:2::1").http == 401


# How many are hashed at once


@pytest.fixture
def full(monkeypatch) -> Iterator[None]:
    """Take all places, also those to wait in, until the test ends."""
    monkeypatch.setattr(hashing, "PATIENCE", 20)
    done = threading.Event()
    taken = threading.Barrier(DEFAULTS["PASSWORDS_AT_ONCE"] + 1)

    def hold():
        with hashing.limited():
            taken.wait(20)
            done.wait(20)

    def wait():
        with hashing.limited():
            pass

    places = DEFAULTS["PASSWORDS_AT_ONCE"]
    with ThreadPoolExecutor(2 * places) as threads:
        running = [threads.submit(hold) for _ in range(places)]
        taken.wait(20)
        running += [threads.submit(wait) for _ in range(places)]
        while hashing._waiting < places:
            time.sleep(0.001)
        yield
        done.set()
        for each in running:
            each.result(20)


def test_no_place(full, monkeypatch):
    """A password that finds no place is 503 at once, unread, and no guess of anybody's."""
    room = ConversationFactory(password=make_password(SECRET))
    monkeypatch.setattr("talk_calls.services.sessions.check_password", pytest.fail)
    monkeypatch.setattr("talk_calls.api.authentication.authenticate", pytest.fail)
    started = time.monotonic()
    for answer in (enter(room), log_in("alice")):
        assert (answer.http, answer.response["Retry-After"]) == (503, "1")
    assert form_errors("alice") == [str(ServerBusy.message)]
    assert time.monotonic() - started < hashing.PATIENCE / 2


def test_busy_is_named_in_v4(full):
    """Clients of v4 are told why; a login is refused before there is a version."""
    room = ConversationFactory(password=make_password(SECRET))
    client = OCSClient(version="v4")
    answer = client.post(f"room/{room.token}/participants/active", {"password": SECRET})
    assert (answer.http, answer.data) == (503, {"error": "busy"})


def test_setting_a_password_takes_a_place(full, device):
    """It costs the same hash, and a moderator may do it as often as they like."""
    owner = AttendeeFactory(participant_type=ParticipantType.OWNER)
    room = owner.conversation
    client = device(owner.user, version="v4")
    assert client.put(f"room/{room.token}/password", {"password": "new"}).http == 503
    room.refresh_from_db()
    assert room.password == ""


def test_others_need_no_place(full, device):
    """App passwords, cookies and guests without a password take no slow hash."""
    alice = UserFactory(username="alice")
    assert device(alice).get("room").http == 200
    assert enter(ConversationFactory(), "").http == 200


def test_busy_counts_no_guess(rf, full):
    """Nobody is locked out by guesses that were not verified."""
    for number in range(10 * MOST):
        with pytest.raises(ServerBusy), guessing_account(rf.get("/"), "alice", f"guess {number}"):
            pass
    assert not [key for key in cache._cache if "talk_calls.guess" in key]


def test_place_after_another(settings):
    """Never more than so many at once, and who waits gets a place that becomes free."""
    settings.TALK_CALLS = {"PASSWORDS_AT_ONCE": 3}
    lock, running, most, refused = threading.Lock(), 0, 0, 0

    def verify(_: int) -> None:
        nonlocal running, most, refused
        try:
            with hashing.limited():
                with lock:
                    running += 1
                    most = max(most, running)
                time.sleep(0.02)
                with lock:
                    running -= 1
        except ServerBusy:
            refused += 1

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(verify, range(60)))
    assert (most, refused) == (3, 0)
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(verify, range(20)))
    assert most == 3
    assert refused > 0
    assert (hashing._running, hashing._waiting) == (0, 0)


def test_who_guessed_wrong_goes_last():
    """An address that sprays leaves a place to others, and those who wait go before it."""
    UserFactory(username="alice", password=SECRET)
    for number in range(YIELDS_AFTER):
        assert log_in("alice", f"guess {number}").http == 401
    assert log_in("alice").http == 200
    with hashing.limited():
        assert log_in("alice").http == 503
        assert log_in("alice", address=THERE).http == 200


def test_repeated_passwords_go_last_too():
    """They cost as much as different ones."""
    UserFactory(username="alice", password=SECRET)
    for _ in range(YIELDS_AFTER):
        log_in("bob", "an old one")
    with hashing.limited():
        assert (log_in("alice").http, log_in("alice", address=THERE).http) == (503, 200)


def test_waiting_go_before_those_who_yield(settings):
    """With one place only, a place that becomes free is that of who waits."""
    settings.TALK_CALLS = {"PASSWORDS_AT_ONCE": 1}
    done = threading.Event()

    def wait() -> None:
        with hashing.limited():
            done.wait(20)

    with ThreadPoolExecutor(1) as threads:
        with hashing.limited(yields=True):
            waiting = threads.submit(wait)
            while not hashing._waiting:
                time.sleep(0.001)
        with pytest.raises(ServerBusy), hashing.limited(yields=True):
            pass
        done.set()
        waiting.result(20)


def test_patience(settings, monkeypatch):
    """Who waited long enough is refused."""
    monkeypatch.setattr(hashing, "PATIENCE", 0.05)
    settings.TALK_CALLS = {"PASSWORDS_AT_ONCE": 1}
    with hashing.limited():
        started = time.monotonic()
        with pytest.raises(ServerBusy), hashing.limited():
            pass
        assert time.monotonic() - started >= 0.05
    assert (hashing._running, hashing._waiting) == (0, 0)
