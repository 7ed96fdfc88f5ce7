"""Every way in which the apps put a request of a call (clients 1 and 2)."""

from itertools import product

import pytest

from talk_calls.models import Session
from tests.factories import AttendeeFactory
from tests.wire.devices import LOGINS, WISHES, Body, Device

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account_passwords")]


def variants(method: str, path: str, *bodies: Body) -> list:
    return [pytest.param(method, path, body, id=f"{method} {path} {body}") for body in bodies]


FLAGS = {"flags": 7}
ASKED = {"silent": "false", "recordingConsent": "false"}
VARIANTS = [
    *variants(
        *("post", "{version}/room/{token}/participants/active"),
        Body(),
        Body("form"),
        Body("form", {"password": "", "force": "true"}),
        Body("json", {"force": True}),
        Body("json", {"force": False}),
    ),
    *variants("get", "{version}/room/{token}", Body()),
    *variants("get", "{version}/call/{token}", Body()),
    *variants(
        *("post", "{version}/call/{token}"),
        Body("form", {**FLAGS, **ASKED}),
        Body("form", {**FLAGS, "silent": "0"}),
        Body("form", FLAGS),
        Body("form", {**FLAGS, "silentFor[]": ["bob", "carol"]}),
        Body("json", {**FLAGS, "silent": False, "recordingConsent": False}),
        Body("json", {**FLAGS, "silentFor": []}),
    ),
    *variants("get", "{version}/room/{token}/participants", Body()),
    *variants("delete", "{version}/room/{token}/participants/active", Body()),
]
LEAVING = variants(
    *("delete", "{version}/call/{token}"),
    Body(),
    Body("query", {"all": "true"}),
    Body("query", {"all": "0"}),
    Body("json", {"all": False}),
    Body("form", {"all": "false"}),
)
CHANGING = variants(
    *("put", "v4/call/{token}"),
    Body("form", {"flags": 3}),
    Body("json", {"flags": 3}),
    Body("query", {"flags": 3}),
)


@pytest.fixture
def member(django_user_model):
    """Return a moderator of a conversation who has an account password."""
    attendee = AttendeeFactory(user__username="alice", participant_type=1)
    attendee.user.set_password("account secret")
    attendee.user.save()
    return attendee


def arrived(device: Device, member, version: str = "v4") -> Device:
    """Bring a device online in the conversation, as the member and not as a guest."""
    path = f"{version}/room/{member.conversation.token}/participants/active"
    assert device.send("post", path, Body("form", {"force": "true"})).status_code == 200
    assert Session.objects.filter(attendee=member).exists()
    return device


def sent_well(device: Device, method: str, path: str, body: Body):
    """Return the answer, which has to be a success in the form that was asked for."""
    response = device.send(method, path, body)
    assert response.status_code == 200, response.content
    kind = "xml" if device.wish == "nothing" else "json"
    assert response["Content-Type"] == f"application/{kind}; charset=utf-8"
    return response


#: Login, form of the answer and body are read in different places, so it takes each pair of them
#: and not each three.
PAIRS = [
    pytest.param(LOGINS[(row + column) % len(LOGINS)], wish, *each.values, id=f"{wish} {each.id}")
    for row, each in enumerate(VARIANTS)
    for column, wish in enumerate(WISHES)
]


def test_pairs_are_complete():
    """Each login meets each form of answer and each body."""
    met = {(login, wish) for login, wish, *_ in (each.values for each in PAIRS)}
    assert met == set(product(LOGINS, WISHES))
    met = {(login, each.id.partition(" ")[2]) for each in PAIRS for login in each.values[:1]}
    assert len(met) == len(LOGINS) * len(VARIANTS)


@pytest.mark.parametrize(("login", "wish", "method", "path", "body"), PAIRS)
def test_variant(member, login, wish, *, method, path, body):
    """Each login with each form of body and answer, as v4 clients send them."""
    device = arrived(Device(member.user, login, wish), member)
    sent_well(device, method, path.format(version="v4", token=member.conversation.token), body)


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize(("method", "path", "body"), LEAVING)
def test_leaving(member, login, method, path, body):
    """Leaving takes arguments from wherever they come."""
    device = arrived(Device(member.user, login), member)
    token = member.conversation.token
    device.send("post", f"v4/call/{token}", Body("form", FLAGS))
    assert Session.objects.in_call().exists()
    sent_well(device, method, path.format(version="v4", token=token), body)
    assert not Session.objects.in_call().exists()


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize(("method", "path", "body"), CHANGING)
def test_changing(member, login, method, path, body):
    """Flags are read from form, JSON and query."""
    device = arrived(Device(member.user, login), member)
    token = member.conversation.token
    device.send("post", f"v4/call/{token}", Body("form", FLAGS))
    sent_well(device, method, path.format(version="v4", token=token), body)
    assert Session.objects.get().in_call == 3


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
@pytest.mark.parametrize(("method", "path", "body"), [*VARIANTS, *LEAVING])
def test_older_versions_take_them_too(member, version, method, path, body):
    """Parameters that a version does not have are ignored, wherever they are."""
    device = arrived(Device(member.user), member, version)
    token = member.conversation.token
    sent_well(device, method, path.format(version=version, token=token), body)


@pytest.mark.parametrize("name", ["OCS-APIRequest", "ocs-apirequest", "OCS-APIREQUEST"])
def test_letter_case_of_the_header(member, name):
    """The name of the header is that of a header (clients 2)."""
    device = Device(member.user, "cookie")
    path = f"/ocs/v2.php/apps/spreed/api/v4/room/{member.conversation.token}"
    assert device.browser.get(path, headers={name: "true"}).status_code == 200
    assert device.browser.get(path).status_code == 412
