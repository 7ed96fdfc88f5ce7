"""Who makes a request: credentials, cookies, and what ends them (behaviour 2.7)."""

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as BrowserSession
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.constants import ERASED_ID_PREFIX, ConversationType, LegReason
from talk_calls.host.directory import DjangoDirectory
from talk_calls.models import AppPassword, Attendee, Call, CallLeg, Session
from talk_calls.models.app_passwords import AppPasswordQuerySet
from talk_calls.services import app_passwords
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account_passwords")]

PASSWORD = "wonder:land ö"
ACTIVE = "/participants/active"


class SlowHasher(MD5PasswordHasher):
    """Stands for a slow hash: counts how often somebody waits for it."""

    algorithm = "slow"
    asked = 0

    def encode(self, *args, **kwargs) -> str:
        SlowHasher.asked += 1
        return super().encode(*args, **kwargs)


@pytest.fixture
def slow_hash(settings) -> Iterator[type[SlowHasher]]:
    """Let account passwords be hashed slowly, and count."""
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher"]
    yield SlowHasher
    SlowHasher.asked = 0


@pytest.fixture
def alice(slow_hash) -> User:
    user = UserFactory(username="alice", password=PASSWORD)
    slow_hash.asked = 0
    return user


@pytest.fixture
def secret(alice) -> str:
    """Return an app password of Alice."""
    return app_passwords.create(user=alice, name="phone")[1]


def account(user: User, password: str = PASSWORD, **kwargs) -> OCSClient:
    """Return a client that sends the account password with every request."""
    return OCSClient(username=user.username, password=password, **kwargs)


def with_header(authorization: str, **kwargs) -> OCSClient:
    """Return a client that sends this ``Authorization``."""
    return OCSClient(browser=Client(headers={"Authorization": authorization}), **kwargs)


def logged_in(client: OCSClient) -> bool:
    """Return whether the client gets what only users get."""
    answer = client.get("room")
    assert answer.http in (200, 401), answer.whole
    return answer.http == 200


def unauthorised(answer) -> bool:
    """Return whether the answer refuses wrong credentials, and is nothing else."""
    return answer.whole == refused(answer, 401, "Unauthorised", code=997)


# Nobody


@pytest.mark.parametrize("entry", [1, 2])
def test_anonymous_gets_401_where_a_login_is_needed(version, wire, entry):
    """Where a login is needed, anonymous requests get 401 and 997 under both entries."""
    answer = OCSClient(version=version, wire=wire, entry=entry).get("room")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
    assert "WWW-Authenticate" not in answer.response


@pytest.mark.parametrize("authorization", ["Digest abc", "Negotiate", "x", ""])
def test_unknown_scheme_is_anonymous(authorization):
    """Credentials of an unknown scheme are ignored."""
    answer = with_header(authorization).get("room")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)


def test_empty_credentials_are_anonymous(alice):
    """An empty name with an empty password is anonymous; nc-py-api and nextcloud-async send it."""
    guest = OCSClient(username="", password="")
    answer = guest.get("room")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
    room = ConversationFactory(type=ConversationType.PUBLIC)
    assert guest.post(f"room/{room.token}/participants/active").data["participantType"] == 4
    browser = Client()
    browser.force_login(alice)
    assert logged_in(OCSClient(username="", password="", browser=browser))


# Account passwords


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_account_password(alice, scheme):
    """Basic takes the account password, colons and umlauts included."""
    credentials = base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
    assert logged_in(with_header(f"{scheme} {credentials}"))


@pytest.mark.parametrize("entry", [1, 2])
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("alice", "wrong"),
        ("alice", ""),
        ("alice", PASSWORD + " "),
        ("Alice", PASSWORD),
        ("", PASSWORD),
        ("nobody", PASSWORD),
    ],
)
def test_wrong_account_password(alice, wire, entry, *, username, password):
    """Wrong credentials are 401, 997 and "Unauthorised", with the scheme to use."""
    answer = OCSClient(entry=entry, wire=wire, username=username, password=password).get("room")
    assert unauthorised(answer)
    assert answer.response["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "Basic alice:secret",
        "Basic ====",
        "Basic YWxpY2U",
        "Basic YWxpY2U=",
        "Basic \xff\xfe",
        f"Basic {base64.b64encode(bytes([255, 254, 58, 255])).decode()}",
        f"Basic {base64.b64encode(b'alice:a' + bytes(1)).decode()}",
        f"Basic {base64.b64encode(bytes(1) + b':a').decode()}",
        f"Basic {base64.b64encode(b'x' * 100_000 + b':y').decode()}",
        f"Basic {base64.b64encode(b'x:' + b'y' * 100_000).decode()}",
        "Bearer",
        "Bearer ",
        "Bearer \xff",
        "Bearer ----",
        "Bearer a-b-c-d-e",
        "Bearer AAAAA-AAAAA-AAAAA-AAAAA-AAAAA",
        "Bearer \xe4\xe4\xe4\xe4\xe4-AAAAA-AAAAA-AAAAA-AAAAA",
        f"Bearer {'A' * 100_000}",
    ],
    ids=lambda authorization: f"{ascii(authorization)[:40]}…{len(authorization)}",
)
def test_garbage_credentials(alice, authorization):
    """Garbage is wrong credentials, and no server error."""
    assert unauthorised(with_header(authorization).get("room"))


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_wrong_credentials_are_refused_where_guests_are_welcome(alice, version, method):
    """A client that believes it is logged in must not go on as a guest (behaviour 2.7)."""
    token = ConversationFactory().token
    path = f"room/{token}" if method == "get" else f"room/{token}{ACTIVE}"
    assert unauthorised(account(alice, "wrong", version=version).request(method, path))
    assert not Attendee.objects.exists()


def test_account_password_is_verified_once(alice, slow_hash):
    """With a cookie jar, only the first request needs the slow hash."""
    client = account(alice)
    assert [logged_in(client) for _ in range(3)] == [True, True, True]
    assert slow_hash.asked == 1


def test_account_password_without_cookies_is_verified_each_time(alice, slow_hash):
    """Nothing but the cookie remembers what was verified."""
    assert logged_in(account(alice))
    assert logged_in(account(alice))
    assert slow_hash.asked == 2


def test_cookie_of_a_password_opens_nothing_by_itself(alice):
    """The session remembers that the password was right, and counts only beside it."""
    client = account(alice)
    assert logged_in(client)
    assert not logged_in(OCSClient(browser=client.browser))
    assert logged_in(client)


def test_account_password_logs_no_session_in(alice):
    """For the host the session stays nobody's, before and after a cookie was set."""
    client = account(alice)
    assert logged_in(client)
    assert client.browser.session.get("_auth_user_id") is None
    assert get_user(client.browser).is_anonymous
    assert User.objects.get().last_login is None


@pytest.mark.parametrize("change", ["logout", "flush", "backend", "deleted"])
def test_what_ends_a_remembered_password(settings, alice, slow_hash, change):
    """After that it is verified again, or refused."""
    client = account(alice)
    assert logged_in(client)
    if change == "backend":
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.RemoteUserBackend"]
    elif change == "deleted":
        User.objects.all().delete()
    elif change == "logout":
        client.browser.logout()
    else:
        BrowserSession.objects.all().delete()
    assert logged_in(client) is (change in ("logout", "flush"))
    assert slow_hash.asked == {"backend": 1}.get(change, 2)


def test_session_of_another_user_stays_theirs(alice):
    """A browser in which Bob is logged in may send Alice's password, and is Bob's after that."""
    bob = UserFactory(username="bob")
    client = account(alice)
    client.browser.force_login(bob)
    assert logged_in(client)
    assert get_user(client.browser) == bob


def test_account_passwords_are_off_by_default(settings, alice, slow_hash):
    """Right and wrong ones get the same answer, and nothing is hashed."""
    settings.TALK_CALLS = {}
    answers = [account(alice, password).get("room") for password in (PASSWORD, "wrong")]
    assert all(unauthorised(answer) for answer in answers)
    assert answers[0].response.content == answers[1].response.content
    assert slow_hash.asked == 0
    assert not BrowserSession.objects.exists()


def test_remembered_password_ends_when_the_setting_does(settings, alice):
    """A site that switches account passwords off means those of yesterday too."""
    client = account(alice)
    assert logged_in(client)
    settings.TALK_CALLS = {}
    assert unauthorised(client.get("room"))


@pytest.mark.parametrize(
    ("username", "password"),
    [("alice", "wrong"), ("alice", ""), ("bob", PASSWORD), ("", PASSWORD), ("alice", "bob")],
)
def test_wrong_password_beside_a_good_cookie(alice, username, password):
    """Credentials that a client sends count, whatever its cookie is."""
    UserFactory(username="bob")
    client = account(alice)
    assert logged_in(client)
    wrong = OCSClient(username=username, password=password, browser=client.browser)
    assert unauthorised(wrong.get("room"))
    assert logged_in(client)


def test_other_credentials_beside_a_cookie(alice):
    """The request acts as whom its credentials name."""
    UserFactory(username="bob")
    client = account(alice)
    assert logged_in(client)
    client.username = client.password = "bob"
    token = ConversationFactory().token
    client.post(f"room/{token}{ACTIVE}")
    assert Attendee.objects.get().user.username == "bob"


def test_changed_account_password(alice):
    """A new password invalidates the old one, also where that was verified before."""
    client = account(alice)
    assert logged_in(client)
    alice.set_password("new")
    alice.save()
    assert unauthorised(client.get("room"))


# App passwords


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_app_password_costs_one_query_and_no_slow_hash(alice, secret, slow_hash, *, scheme):
    """An app password is found by index, together with its user."""
    if scheme == "basic":
        client = OCSClient(username="alice", password=secret)
    else:
        client = with_header(f"Bearer {secret}")
    with CaptureQueriesContext(connection) as queries:
        assert logged_in(client)
    asked = [query["sql"] for query in queries if "auth_user" in query["sql"]]
    assert len([sql for sql in asked if "talk_calls_apppassword" in sql]) == 1
    assert "talk_calls_apppassword" in queries[0]["sql"]
    assert not [query["sql"] for query in queries if "django_session" in query["sql"]]
    assert slow_hash.asked == 0


def test_bearer_needs_no_other_proof(alice, secret):
    """A Bearer token passes the gate by itself."""
    headers = {"Authorization": f"Bearer {secret}", "OCS-APIRequest": None}
    assert OCSClient().request("get", "room", headers=headers).http == 200


@pytest.mark.parametrize("password", [PASSWORD, "alice"])
def test_bearer_takes_no_account_password(alice, password):
    """Only app passwords are tokens."""
    token = password.encode().decode("latin-1")
    assert unauthorised(with_header(f"Bearer {token}").get("room"))


def test_app_password_belongs_to_one_name(alice, secret):
    """Somebody else's name with one's own app password is nobody."""
    UserFactory(username="bob")
    for username in ("bob", "", "Alice", "nobody"):
        assert unauthorised(OCSClient(username=username, password=secret).get("room"))


@pytest.mark.parametrize(
    "change",
    [str.lower, lambda secret: secret + "A", lambda secret: secret[:-1] + "0"],
    ids=["lower case", "longer", "one letter"],
)
def test_app_password_is_exact(alice, secret, change):
    """What is not the secret, letter by letter, is not the secret."""
    assert unauthorised(OCSClient(username="alice", password=change(secret)).get("room"))
    assert unauthorised(with_header(f"Bearer {change(secret)}").get("room"))


def test_revoked_app_password(alice, secret):
    """A revoked app password is refused, with or without a cookie jar."""
    token = ConversationFactory().token
    basic = OCSClient(username="alice", password=secret)
    bearer = with_header(f"Bearer {secret}")
    for client in (basic, bearer):
        assert client.post(f"room/{token}{ACTIVE}").http == 200
    AppPassword.objects.all().delete()
    for client in (basic, bearer):
        assert unauthorised(client.get("room"))
    assert not logged_in(OCSClient(browser=basic.browser))


def test_app_password_stores_no_secret(alice, secret):
    """The database has a digest from which the password cannot be computed."""
    stored = AppPassword.objects.values().get()
    assert secret not in str(stored)
    assert len(stored["digest"]) == 64


# Accounts that are switched off


@pytest.mark.parametrize("kind", ["account", "account cookie", "app", "bearer", "cookie"])
def test_inactive_user(alice, secret, kind):
    """An account that is switched off is out at once, by every door."""
    client = {
        "account": account(alice),
        "account cookie": account(alice),
        "app": OCSClient(username="alice", password=secret),
        "bearer": with_header(f"Bearer {secret}"),
        "cookie": OCSClient(),
    }[kind]
    if kind == "cookie":
        client.browser.force_login(alice)
    if kind != "account":
        assert logged_in(client)
    User.objects.update(is_active=False)
    assert not logged_in(client)


# Cookies


def test_session_login(alice, version):
    """A login at the site is a login here."""
    client = OCSClient(version=version)
    client.browser.force_login(alice)
    assert logged_in(client)
    client.browser.logout()
    assert not logged_in(client)


def test_cookie_alone_does_not_pass_the_gate(alice):
    """A cookie travels by itself, so it needs the header beside it."""
    client = OCSClient()
    client.browser.force_login(alice)
    answer = client.request("get", "room", headers={"OCS-APIRequest": None})
    assert (answer.http, answer.response.json()) == (412, {"message": "CSRF check failed"})


def test_planted_cookie_is_worth_nothing_after_basic(alice):
    """A cookie that an attacker planted before the password was sent is not logged in after it."""
    token = ConversationFactory().token
    client = OCSClient()
    client.post(f"room/{token}{ACTIVE}")
    planted = client.browser.cookies["sessionid"].value
    client.username, client.password = "alice", PASSWORD
    assert logged_in(client)
    thief = OCSClient()
    thief.browser.cookies["sessionid"] = planted
    assert not logged_in(thief)


@pytest.mark.parametrize("rejoin", [False, True])
def test_guest_join_rotates_the_session_key(rejoin):
    """A cookie that an attacker planted does not become the guest's."""
    token = ConversationFactory().token
    guest, thief = OCSClient(), OCSClient()
    elsewhere = token if rejoin else ConversationFactory().token
    guest.post(f"room/{elsewhere}{ACTIVE}")
    planted = guest.browser.cookies["sessionid"].value
    thief.browser.cookies["sessionid"] = planted
    guest.post(f"room/{token}{ACTIVE}")
    assert guest.get(f"call/{token}").http == 200
    assert thief.get(f"call/{token}").http == 404
    assert not BrowserSession.objects.filter(session_key=planted).exists()


def test_failed_guest_join_leaves_the_cookie_alone():
    """A refusal changes nothing, so the identity of the client stays."""
    token = ConversationFactory().token
    guest = OCSClient()
    guest.post(f"room/{token}{ACTIVE}")
    key = guest.browser.cookies["sessionid"].value
    private = ConversationFactory(type=ConversationType.GROUP).token
    assert guest.post(f"room/{private}{ACTIVE}").http == 404
    assert guest.browser.cookies["sessionid"].value == key
    assert guest.get(f"call/{token}").http == 200


# The site


class ClosedDirectory(DjangoDirectory):
    """A site that lets nobody use Talk."""

    def may_use_talk(self, user) -> bool:
        return False


class BrokenDirectory(DjangoDirectory):
    """A site whose own code fails."""

    def may_use_talk(self, user) -> bool:
        raise RuntimeError("a secret of the site")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "room"),
        ("post", "room"),
        ("get", "room/{token}"),
        ("post", "room/{token}/participants/active"),
        ("delete", "room/{token}/participants/active"),
        ("get", "room/{token}/participants"),
        ("put", "room/{token}/read-only"),
        ("get", "call/{token}"),
        ("post", "call/{token}"),
        ("delete", "call/{token}"),
        ("get", "call/unknown"),
    ],
)
def test_site_keeps_a_user_out(settings, alice, secret, *, method, path):
    """A user whom the site does not let use Talk gets 403 everywhere, before anything else."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.ClosedDirectory"}
    token = ConversationFactory().token
    client = OCSClient(username="alice", password=secret)
    answer = client.request(method, path.format(token=token))
    assert answer.whole == refused(answer, 403)


def test_site_does_not_ask_about_guests(settings):
    """Guests are not the site's users (behaviour 2.7)."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.ClosedDirectory"}
    assert OCSClient().post(f"room/{ConversationFactory().token}{ACTIVE}").http == 200


@pytest.mark.parametrize("entry", [1, 2])
def test_error_of_the_site_stays_inside(settings, secret, version, wire, *, entry):
    """An error of the site is a 500 without its message."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.BrokenDirectory"}
    client = OCSClient(entry=entry, wire=wire, version=version, username="alice", password=secret)
    client.browser.raise_request_exception = False
    answer = client.get("room")
    assert answer.whole == refused(answer, 500, "Internal Server Error", code=996)
    assert b"secret" not in answer.response.content


# Accounts that go


def test_reused_username_inherits_nothing(alice, secret):
    """Membership hangs on the account and not on its name (CVE-2021-32689)."""
    conversation = ConversationFactory(type=ConversationType.GROUP)
    AttendeeFactory(conversation=conversation)
    attendee = AttendeeFactory(conversation=conversation, user=alice)
    SessionFactory(attendee=attendee)
    client = OCSClient(username="alice", password=secret)
    assert client.get(f"call/{conversation.token}").http == 200
    alice.delete()
    assert unauthorised(client.get("room"))
    again = UserFactory(username="alice")
    client.password = app_passwords.create(user=again, name="phone")[1]
    answer = client.get("room")
    assert answer.whole == ok(answer, [])
    for path in ("call", "room"):
        answer = client.get(f"{path}/{conversation.token}")
        assert answer.whole == refused(answer, 404)


def test_old_cookie_is_not_the_new_accounts(alice):
    """The cookie of a deleted account is nobody's, not even its name-sake's."""
    client = account(alice)
    assert logged_in(client)
    alice.delete()
    UserFactory(username="alice", password="other")
    assert not logged_in(OCSClient(browser=client.browser))
    assert unauthorised(client.get("room"))


@pytest.mark.parametrize("way", ["instance", "queryset"])
def test_deleted_user_leaves_the_call(alice, secret, way):
    """Deleting an account closes its leg and, if nobody else is in, the call."""
    conversation = ConversationFactory(type=ConversationType.GROUP)
    stays = SessionFactory(attendee__conversation=conversation)
    AttendeeFactory(conversation=conversation, user=alice)
    client = OCSClient(username="alice", password=secret)
    client.post(f"room/{conversation.token}{ACTIVE}")
    client.post(f"call/{conversation.token}")
    if way == "instance":
        alice.delete()
    else:
        User.objects.filter(username="alice").delete()
    leg = CallLeg.objects.get()
    assert (leg.reason, leg.user, leg.display_name) == (LegReason.REMOVED, None, "")
    assert leg.actor_id.startswith(ERASED_ID_PREFIX)
    assert leg.left_at >= leg.joined_at
    assert Call.objects.get().ended_at == leg.left_at
    assert list(Session.objects.all()) == [stays]


def test_last_use(alice, time_machine):
    """The first request of an hour stores that it was made; the others have no statement more."""
    made, secret = app_passwords.create(user=alice, name="phone")
    client = OCSClient(service="cloud", username=alice.username, password=secret)
    start = timezone.now()
    stored = []
    for minutes in (0, 1, 59, 60, 61, 200):
        time_machine.move_to(start + timedelta(minutes=minutes), tick=False)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("user").http == 200
        updates = sum(query["sql"].startswith("UPDATE") for query in captured)
        made.refresh_from_db()
        stored.append((updates, (made.last_used_at - start) // timedelta(minutes=1)))
    assert stored == [(1, 0), (0, 0), (0, 0), (1, 60), (0, 60), (1, 200)]


def test_wrong_credentials_are_no_use(alice):
    """A password with another name, or of a deactivated account, is refused and not used."""
    made, secret = app_passwords.create(user=alice, name="phone")
    OCSClient(service="cloud", username="mallory", password=secret).get("user")
    type(alice).objects.update(is_active=False)
    OCSClient(service="cloud", username=alice.username, password=secret).get("user")
    made.refresh_from_db()
    assert made.last_used_at is None


def test_use_that_cannot_be_stored(alice, monkeypatch):
    """A database that cannot write, as during a maintenance, logs nobody out."""

    def fail(*args, **kwargs):
        raise OperationalError

    _, secret = app_passwords.create(user=alice, name="phone")
    monkeypatch.setattr(AppPasswordQuerySet, "update", fail)
    client = OCSClient(service="cloud", username=alice.username, password=secret)
    assert client.get("user").http == 200
