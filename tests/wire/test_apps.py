"""The apps in the order in which they ask (clients 1 and 5), but for signaling."""

import pytest
from django.test import Client

from talk_calls.models import Call, Session
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory
from tests.wire.devices import Body, Device

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account_passwords")]

CALL_FORM = Body("form", {"flags": 7, "silent": "false", "recordingConsent": "false"})
ACTIVE = "room/{token}/participants/active"

#: (method, path, body) in order; what each needs to be a success follows from the server alone.
APPS = {
    "Android": [
        ("get", "/ocs/v2.php/cloud/capabilities", Body()),
        ("get", "/ocs/v2.php/cloud/user", Body()),
        ("get", "v4/room", Body("query", {"includeStatus": "true"})),
        ("post", f"v4/{ACTIVE}", Body("form", {"password": "", "force": "true"})),
        ("post", "v4/call/{token}", CALL_FORM),
        ("get", "v4/room/{token}", Body()),
        ("get", "v4/room/{token}/participants", Body("query", {"includeStatus": "true"})),
        ("put", "v4/call/{token}", Body("form", {"flags": 3})),
        ("delete", "v4/call/{token}", Body("query", {"all": "false"})),
        ("delete", f"v4/{ACTIVE}", Body()),
    ],
    "iOS": [
        ("get", "/ocs/v1.php/cloud/capabilities", Body()),
        ("get", "v4/room", Body("query", {"noStatusUpdate": "0", "modifiedSince": "0"})),
        ("post", f"v4/{ACTIVE}", Body("form", {"force": "true"})),
        ("post", f"v4/{ACTIVE}", Body("form", {"force": "true"})),
        ("post", "v4/call/{token}", Body("form", {"flags": 7, "silent": "0"})),
        ("get", "v4/call/{token}", Body()),
        ("put", "v4/call/{token}", Body("form", {"flags": 1})),
        ("delete", "v4/call/{token}", Body("form", {"all": "0"})),
        ("delete", f"v4/{ACTIVE}", Body()),
    ],
    "web": [
        ("post", f"v4/{ACTIVE}", Body("json", {"force": False})),
        ("get", "v4/room/{token}/participants", Body()),
        (
            *("post", "v4/call/{token}"),
            Body("json", {"flags": 7, "silent": False, "recordingConsent": False}),
        ),
        ("get", "v4/call/{token}", Body()),
        ("put", "v4/room/{token}/participants/state", Body("json", {"state": 0})),
        ("put", "v4/call/{token}", Body("json", {"flags": 3})),
        ("delete", "v4/call/{token}", Body("json", {"all": False})),
        ("delete", f"v4/{ACTIVE}", Body()),
    ],
    "web of 2021, all versions in one session": [
        ("post", f"v3/{ACTIVE}", Body("json", {"force": False})),
        ("get", "v3/room/{token}", Body()),
        ("post", "v1/call/{token}", Body("json", {"flags": 7})),
        ("get", "v3/call/{token}", Body()),
        ("delete", "v1/call/{token}", Body()),
        ("delete", f"v3/{ACTIVE}", Body()),
    ],
}


@pytest.mark.parametrize("login", ["app password", "cookie"])
@pytest.mark.parametrize("steps", APPS.values(), ids=APPS)
def test_call(steps, login):
    """From coming in to going out, each step is answered well, and a call took place."""
    attendee = AttendeeFactory(user__username="alice", conversation=ConversationFactory(type=2))
    device = Device(attendee.user, login)
    for method, path, body in steps:
        response = device.send(method, path.format(token=attendee.conversation.token), body)
        assert response.status_code == 200, (method, path, response.content)
    assert Call.objects.get().ended_at is not None
    assert not Session.objects.exists()


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_basic_without_a_cookie_jar(version):
    """We do better than the original: the newest session of the user acts (clients 2)."""
    attendee = AttendeeFactory(user__username="alice")
    device = Device(attendee.user, jar=False)
    token = attendee.conversation.token
    assert device.send("post", f"{version}/{ACTIVE.format(token=token)}").status_code == 200
    assert device.send("post", f"{version}/call/{token}", Body("form", {"flags": 7})).json()
    assert Session.objects.get().in_call == 7
    assert device.send("delete", f"{version}/call/{token}").status_code == 200
    assert Session.objects.get().in_call == 0


def test_gone_session_and_the_retry():
    """On 404, iOS joins the conversation again and continues."""
    attendee = AttendeeFactory()
    device = Device(attendee.user)
    token = attendee.conversation.token
    join = ("post", f"v4/call/{token}", Body("form", {"flags": 7}))
    assert device.send(*join).status_code == 404
    assert device.send("post", f"v4/{ACTIVE.format(token=token)}").status_code == 200
    assert device.send(*join).status_code == 200


@pytest.mark.parametrize("entry", ["v1", "v2"])
def test_what_an_app_asks_before_it_has_an_account(entry):
    """status.php and the capabilities, without a login and in JSON (clients 5)."""
    browser = Client()
    status = browser.get("/status.php").json()
    assert (status["installed"], status["maintenance"]) == (True, False)
    assert status["version"].count(".") > 0
    served = browser.get(
        f"/ocs/{entry}.php/cloud/capabilities",
        query_params={"format": "json"},
        headers={"OCS-APIRequest": "true"},
    ).json()["ocs"]["data"]
    spreed = served["capabilities"]["spreed"]
    assert spreed["features"][0] == "conversation-v4"
    assert spreed["config"]["call"]["enabled"] is True
    # What the apps insist on (clients 4).
    assert served["version"]["major"] >= 27
    assert int(spreed["version"].split(".")[0]) >= 17


def test_wrong_password():
    """401 with code 997, as XML unless asked otherwise (measured, clients 2)."""
    device = Device(UserFactory(username="alice"), wish="nothing")
    device._authorization = "Basic YWxpY2U6d3Jvbmc="
    response = device.send("get", "v4/room")
    assert response.status_code == 401
    assert b"<statuscode>997</statuscode>" in response.content
    assert b"<message>Unauthorised</message>" in response.content
