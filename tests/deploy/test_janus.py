"""The SFU with the configuration of deploy/, behind each version of the HPB."""

import pytest

from tests.deploy.conftest import TOKEN

pytestmark = [pytest.mark.server("janus"), pytest.mark.package("aiortc")]


def test_camera(hpb_release, start_hpb, janus, site, arrive):
    """Who publishes is seen. The version of bookworm is built so that it refuses every camera."""
    from tests.deploy import video

    hpb = start_hpb(hpb_release, [site.site], janus=janus.url)
    anna, ben = arrive(hpb, "anna"), arrive(hpb, "ben")
    assert "mcu" in anna.client.features
    site.tell_in_call(hpb, TOKEN, anna.session_id, ben.session_id)
    if hpb_release == "bookworm":
        with pytest.raises(video.Refused, match="not_allowed"):
            video.watch(anna.client, ben.client)
    else:
        assert video.watch(anna.client, ben.client) > 0


def test_screen(hpb_release, start_hpb, janus, site, arrive):
    """A screen is seen, with each version."""
    from tests.deploy import video

    hpb = start_hpb(hpb_release, [site.site], janus=janus.url)
    anna, ben = arrive(hpb, "anna"), arrive(hpb, "ben")
    site.tell_in_call(hpb, TOKEN, anna.session_id, ben.session_id)
    assert video.watch(anna.client, ben.client, room_type="screen") > 0
