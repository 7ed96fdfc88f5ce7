"""``AUTHENTICATION``: classes of the site before and after ours."""

from base64 import b64encode

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from rest_framework.authentication import BaseAuthentication, BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated

from talk_calls.services import app_passwords
from tests.contract.expected import NOT_LOGGED_IN, refused
from tests.factories import ConversationFactory, UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

OURS = "talk_calls.api.authentication.TalkAuthentication"


class Tokens(BaseAuthentication):
    """Takes ``Token alice``, and refuses every other token."""

    scheme = "Token"

    def authenticate(self, request):
        scheme, _, name = request.headers.get("Authorization", "").partition(" ")
        if scheme != self.scheme:
            return None
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise AuthenticationFailed("no such token")
        return user, name


class Bearers(Tokens):
    """The same as ``Bearer``, as JWT are sent."""

    scheme = "Bearer"


class Cautious(Bearers):
    """Passes what it does not know to the next class."""

    def authenticate(self, request):
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            return None


class Strangers(BaseAuthentication):
    """Knows people who have no row."""

    def authenticate(self, request):
        class Stranger:
            is_authenticated = is_active = True
            pk = 1

        return Stranger(), None


class Stateless(BaseAuthentication):
    """Takes whatever a token says for a user, and asks no database."""

    def authenticate(self, request):
        return get_user_model()(pk=int(request.headers["Authorization"].split()[1])), None


class Replica(ModelBackend):
    """Reads from a replica that knows of no changes, as an authentication class may too."""

    def authenticate(self, request, **credentials):
        return as_it_was(super().authenticate(request, **credentials))

    def get_user(self, user_id):
        return as_it_was(get_user_model().objects.filter(pk=user_id).first())


class TokensOfReplica(Tokens):
    """The same for a class."""

    def authenticate(self, request):
        user, token = super().authenticate(request)
        return as_it_was(user), token


def as_it_was(user):
    """Return the user as a replica has it, where the account still is active."""
    if user is not None:
        user._state.db = "replica"
        user.is_active = True
    return user


class StrangersMiddleware:
    """Has a user who has no row in every request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.user, _ = Strangers().authenticate(request)
        return self.get_response(request)


class Nobodies(BaseAuthentication):
    """Knows clients, and not who uses them."""

    user: object = None

    def authenticate(self, request):
        return self.user, "client"


class Anonymous(Nobodies):
    """The same, in Django's words."""

    user = AnonymousUser()


class OnlyUsers(BaseAuthentication):
    """Refuses in another way, and names a scheme of its own."""

    def authenticate(self, request):
        raise NotAuthenticated

    def authenticate_header(self, request):
        return "Own"


def use(settings, *classes: type, first: bool) -> None:
    """Have the classes asked before ours or after."""
    theirs = [f"{__name__}.{each.__name__}" for each in classes]
    settings.TALK_CALLS = {"AUTHENTICATION": [*theirs, OURS] if first else [OURS, *theirs]}


@pytest.fixture(params=[True, False], ids=["before ours", "after ours"])
def first(request) -> bool:
    """Return whether the site's classes stand before ours."""
    return request.param


@pytest.fixture
def alice(db):
    return UserFactory(username="alice")


@pytest.fixture
def secret(alice) -> str:
    return app_passwords.create(user=alice, name="phone")[1]


def me(authorization: str, browser: Client | None = None) -> str | int:
    """Return the id of who asks with this header, or the status of the refusal."""
    client = OCSClient(service="cloud", browser=browser or Client())
    answer = client.request("get", "user", headers={"Authorization": authorization})
    if answer.http == 401:
        assert answer.code == 997
    return answer.data["id"] if answer.http == 200 else answer.http


@pytest.mark.parametrize("kind", [Tokens, Bearers, Cautious])
def test_token_of_the_site(settings, alice, first, kind):
    """It opens both the API and the endpoints of the server, and its class says what is wrong."""
    use(settings, kind, first=first)
    assert me(f"{kind.scheme} alice") == "alice"
    answer = OCSClient().request("get", "room", headers={"Authorization": f"{kind.scheme} alice"})
    assert answer.http == 200
    answer = OCSClient().request("get", "room", headers={"Authorization": f"{kind.scheme} eve"})
    assert answer.whole == refused(answer, 401, "Unauthorised", code=997)


@pytest.mark.parametrize("kind", [Tokens, Bearers, Cautious])
def test_app_password_beside_it(settings, alice, secret, first, kind):
    """App passwords work in every scheme, also where another class refuses each other Bearer."""
    use(settings, kind, first=first)
    basic = OCSClient(service="cloud", username="alice", password=secret)
    assert basic.get("user").data["id"] == "alice"
    assert me(f"Bearer {secret}") == "alice"
    assert me(f"Bearer {secret[::-1]}") == 401


def test_basic_of_the_site(settings, alice, secret, first):
    """A site may take account passwords by a class of its own."""
    path = f"{BasicAuthentication.__module__}.{BasicAuthentication.__name__}"
    settings.TALK_CALLS = {"AUTHENTICATION": [path, OURS] if first else [OURS, path]}
    for password in ("alice", secret):
        client = OCSClient(service="cloud", username="alice", password=password)
        assert client.get("user").data["id"] == "alice"
    wrong = OCSClient(service="cloud", username="alice", password="wrong")
    assert wrong.get("user").http == 401


@pytest.mark.parametrize("header", ["Bearer nobody's", "Basic YWxpY2U6d3Jvbmc=", "Bearer"])
def test_credentials_that_nobody_claims(settings, alice, first, header):
    """They are refused beside a good cookie, and where guests are welcome."""
    use(settings, Cautious, first=first)
    browser = Client()
    browser.force_login(alice)
    assert me(header, browser) == 401
    path = f"room/{ConversationFactory().token}"
    assert OCSClient().request("get", path, headers={"Authorization": header}).http == 401


def test_token_beside_the_cookie_of_another(settings, alice, first):
    """Credentials win, whichever class reads them."""
    use(settings, Tokens, first=first)
    browser = Client()
    browser.force_login(UserFactory(username="bob"))
    assert me("Token alice", browser) == "alice"
    assert me("Token eve", browser) == 401
    assert me("", browser) == "bob"


def test_guests_and_sessions_as_ever(settings, alice, first):
    """Without credentials nothing is different."""
    use(settings, Tokens, Bearers, first=first)
    assert OCSClient().get(f"room/{ConversationFactory().token}").http == 200
    answer = OCSClient().get("room")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
    browser = Client()
    browser.force_login(alice)
    assert OCSClient(browser=browser).get("room").http == 200


def test_account_that_is_switched_off(settings, alice, first):
    """A class of the site need not ask; we do."""
    use(settings, Tokens, first=first)
    alice.is_active = False
    alice.save()
    assert me("Token alice") == 401


def test_users_without_a_row(settings, first):
    """A class whose users are not those of the site opens nothing, and breaks nothing."""
    use(settings, Strangers, first=first)
    assert me("") == 401
    assert OCSClient().get(f"room/{ConversationFactory().token}").http == 401


def test_user_of_a_token_alone(settings, alice, first):
    """The row decides, whatever a class makes of a token."""
    use(settings, Stateless, first=first)
    assert me(f"Token {alice.pk}") == "alice"
    assert me(f"Token {alice.pk + 1}") == 401
    get_user_model().objects.update(is_active=False)
    assert me(f"Token {alice.pk}") == 401


def test_class_that_reads_a_replica(settings, alice, first):
    """An account that is switched off is so at once."""
    use(settings, TokensOfReplica, first=first)
    assert me("Token alice") == "alice"
    get_user_model().objects.update(is_active=False)
    assert me("Token alice") == 401


def test_backend_that_reads_a_replica(settings, alice):
    """The same for account passwords, whether remembered or not."""
    settings.TALK_CALLS = {"ACCOUNT_PASSWORDS": True}
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Replica"]
    credentials = f"Basic {b64encode(b'alice:alice').decode()}"
    browser = Client()
    assert me(credentials, browser) == me(credentials, browser) == "alice"
    get_user_model().objects.update(is_active=False)
    assert me(credentials, browser) == me(credentials) == 401


@pytest.mark.parametrize(
    "path", ["/call/weekly", "/ocs/v2.php/cloud/capabilities", "/talk/people-in-calls?token=weekly"]
)
def test_middleware_with_users_without_a_row(settings, alice, path):
    """They are guests."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.StrangersMiddleware"]
    assert Client().get(path, headers={"OCS-APIRequest": "true"}).status_code == 200
    assert me("") == 401


@pytest.mark.parametrize("kind", [Nobodies, Anonymous])
def test_clients_without_a_user(settings, alice, secret, first, kind):
    """A class that finds nobody leaves the request to the others."""
    use(settings, kind, first=first)
    assert me("") == 401
    assert me(f"Bearer {secret}") == "alice"
    assert me("Bearer x") == 401
    assert OCSClient().get(f"room/{ConversationFactory().token}").http == 200


def test_refusal_keeps_its_form(settings, wire):
    """Whatever a class raises, clients get the envelope and 997."""
    use(settings, OnlyUsers, first=True)
    answer = OCSClient(wire=wire).get("room")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)
