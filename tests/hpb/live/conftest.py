"""One site for each release of the signaling server; tests have conversations of their own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.hpb.live import site as live_site
from tests.hpb.live.site import Device, LiveSite
from tests.management.processes import CommandSite
from tests.servers.hpb_client import HPBClient, connected
from tests.servers.programs import HPB_RELEASES


@dataclass
class Person:
    """Somebody with a device at the site and a connection to the signaling server."""

    device: Device
    client: HPBClient
    session_id: str = ""


@pytest.fixture(
    scope="package",
    params=[pytest.param(name, marks=pytest.mark.server(f"hpb-{name}")) for name in HPB_RELEASES],
)
def live(request, _new_command_site, tmp_path_factory) -> Iterator[LiveSite]:
    """Return a running site with a signaling server of each release."""
    directory = tmp_path_factory.mktemp("live")
    path = shutil.copy(_new_command_site.path, directory / "site.sqlite3")
    with live_site.running(CommandSite(path), request.param, directory) as live:
        yield live


@pytest.fixture
def arrive(live) -> Iterator[Callable[..., Person]]:
    """Return a function by which somebody says hello and, with a token, enters a conversation."""
    with ExitStack() as stack:

        def arrive(user: str | None, token: str = "", *, version: str = "1.0") -> Person:
            device = live.device(user)
            stack.callback(device.close)
            hello = device.settings(token)["helloAuthParams"]
            # Only now: servers wait for two seconds for the hello.
            client = stack.enter_context(connected(live.hpb.websocket_url))
            if version == "2.0":
                answer = client.hello_v2(live.url, token=hello["2.0"]["token"])
            else:
                answer = client.hello_v1(
                    live.url, user_id=hello["1.0"]["userid"], ticket=hello["1.0"]["ticket"]
                )
            assert answer["type"] == "hello", answer
            assert answer["hello"].get("userid", "") == (user or "")
            person = Person(device, client)
            if token:
                person.session_id = device.enter(token)
                joined = client.join(token, person.session_id)
                assert joined["type"] == "room", joined
                assert joined["room"]["roomid"] == token
            return person

        yield arrive


@pytest.fixture
def token(live) -> str:
    """Return a conversation of Alice's."""
    device = live.device("alice")
    token = device.create()
    device.close()
    return token
