"""Two nodes of the HPB that are one cluster: NATS, GRPC, and a proxy beside each Janus."""

from collections.abc import Iterator

import pytest

from tests.deploy.conftest import TOKEN
from tests.servers import janus as janus_server
from tests.servers import nats as nats_server
from tests.servers.hpb_client import connected

pytestmark = pytest.mark.server("nats")

clusters = pytest.mark.parametrize(
    "hpb_release",
    [pytest.param(each, marks=pytest.mark.server(f"hpb-{each}")) for each in ("trixie", "sid")],
)


@clusters
def test_nodes(hpb_release, start_cluster, nats, site, arrive):
    """People on different nodes see each other, and one node tells both what the site says."""
    first, second = start_cluster(hpb_release, [site.site], nats=nats.url)
    anna, ben = arrive(first, "anna"), arrive(second, "ben")
    for person, other in ((anna, ben), (ben, anna)):
        person.client.expect_frame(lambda frame, other=other: _has_joined(frame, other))
    anna.client.message({"text": "Hello"}, session=ben.client.session_id)
    assert ben.client.expect("message")["data"] == {"text": "Hello"}
    site.tell_in_call(first, TOKEN, anna.session_id, ben.session_id)
    for person in (anna, ben):
        rows = person.client.expect_event("participants", "update")["users"]
        assert {row["sessionId"] for row in rows} == {anna.client.session_id, ben.client.session_id}


@clusters
def test_resuming_on_another_node(hpb_release, start_cluster, nats, site, arrive):
    """Who comes back to another node, within half a minute, gets the session of the first."""
    first, second = start_cluster(hpb_release, [site.site], nats=nats.url)
    anna = arrive(first, "anna")
    anna.client.drop()
    with connected(second.websocket_url) as again:
        answer = again.resume(anna.client.resume_id)
    if hpb_release == "trixie":  # only the node of the session knows it
        assert answer["error"]["code"] == "no_such_session"
    else:
        assert answer["hello"]["sessionid"] == anna.client.session_id


@pytest.fixture
def sfus(janus) -> Iterator[list[str]]:
    """Return the addresses of two running Januses."""
    with janus_server.running() as another:
        yield [janus.url, another.url]


@clusters
@pytest.mark.server("janus")
@pytest.mark.server("hpb-proxy")
@pytest.mark.package("aiortc")
def test_camera_on_another_node(hpb_release, start_cluster, sfus, site, arrive):
    """Somebody on one node watches somebody on the other, with two SFUs."""
    from tests.deploy import video

    with nats_server.running() as nats:
        first, second = start_cluster(hpb_release, [site.site], nats=nats.url, janus=sfus)
        anna, ben = arrive(first, "anna"), arrive(second, "ben")
        site.tell_in_call(second, TOKEN, anna.session_id, ben.session_id)
        assert video.watch(anna.client, ben.client) > 0


def _has_joined(frame, person):
    joined = frame.get("event", {}).get("join", [])
    return person.client.session_id in {each["sessionid"] for each in joined}
