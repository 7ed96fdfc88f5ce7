"""The High-performance Backend with the configuration of deploy/, in three versions."""

import time

import pytest

from tests.deploy.conftest import TOKEN
from tests.deploy.stub_site import checksum
from tests.servers.hpb import HPB
from tests.servers.hpb_client import connected


def test_signature():
    """The signature is that of the protocol's published example."""
    random = "afb6b872ab03e3376b31bf0af601067222ff7990335ca02d327071b73c0119c6"
    body = b'{"type":"auth","auth":{"version":"1.0","params":{"hello":"world"}}}'
    expected = "3c4a69ff328299803ac2879614b707c807b4758cf19450755c60656cac46e3bc"
    assert checksum("MySecretValue", random, body) == expected


def test_offer(hpb_release, start_hpb, site, arrive):
    """An offer goes from one client to another, and all requests to the site are signed."""
    hpb = start_hpb(hpb_release, [site.site])
    anna, ben = arrive(hpb, "anna"), arrive(hpb, "ben")
    [joined] = anna.client.expect_event("room", "join")
    assert joined["sessionid"] == anna.client.session_id
    offer = {"type": "offer", "roomType": "video", "payload": {"type": "offer", "sdp": "v=0"}}
    anna.client.message(offer, session=ben.client.session_id)
    received = ben.client.expect("message")
    assert received["data"] == offer
    assert received["sender"]["sessionid"] == anna.client.session_id
    assert [each["type"] for each in site.requests[:2]] == ["auth", "room"]
    assert site.refused == 0


def test_telling(hpb_release, start_hpb, site, arrive):
    """What the site says about the call reaches everybody, with the sessions of the HPB."""
    hpb = start_hpb(hpb_release, [site.site])
    anna, ben = arrive(hpb, "anna"), arrive(hpb, "ben")
    site.tell_in_call(hpb, TOKEN, anna.session_id)
    for person in (anna, ben):
        [row] = person.client.expect_event("participants", "update")["users"]
        assert (row["sessionId"], row["inCall"]) == (anna.client.session_id, 7)


def test_token(hpb_release, start_hpb, site, connect_to_hpb):
    """A JSON web token logs in, where the server knows them."""
    client = connect_to_hpb(start_hpb(hpb_release, [site.site]))
    answer = client.hello_v2(site.url, token=site.token("anna"))
    if hpb_release == "bookworm":
        assert answer["error"]["code"] == "invalid_format"
    else:
        assert answer["hello"]["userid"] == "anna"


def test_resuming(hpb_release, start_hpb, site, arrive, connect_to_hpb):
    """A client that lost its connection gets its session back, and what it missed."""
    hpb = start_hpb(hpb_release, [site.site])
    anna, ben = arrive(hpb, "anna"), arrive(hpb, "ben")
    anna.client.drop()
    time.sleep(0.2)  # what is sent to a connection before its end is known is lost
    ben.client.message({"text": "Are you there?"}, session=anna.client.session_id)
    again = connect_to_hpb(hpb)
    assert again.resume(anna.client.resume_id)["hello"]["sessionid"] == anna.client.session_id
    assert again.expect("message")["data"] == {"text": "Are you there?"}


def test_leaving(hpb_release, start_hpb, site, arrive):
    """A client that says goodbye is gone for the others, and its connection is closed."""
    hpb = start_hpb(hpb_release, [site.site])
    anna, ben = arrive(hpb, "anna"), arrive(hpb, "ben")
    anna.client.bye()
    anna.client.expect_close()
    assert ben.client.expect_event("room", "leave") == [anna.client.session_id]


@pytest.mark.parametrize("end", [HPB.stop, HPB.kill])
def test_restart(hpb_release, start_hpb, site, arrive, end):
    """A server that ended serves on the same port again, and knows no session of before."""
    hpb = start_hpb(hpb_release, [site.site])
    anna = arrive(hpb, "anna")
    end(hpb)
    hpb.start()
    anna.client.expect_close()
    with connected(hpb.websocket_url) as again:
        assert again.resume(anna.client.resume_id)["error"]["code"] == "no_such_session"
    arrive(hpb, "anna")
