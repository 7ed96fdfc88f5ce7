"""Measure how soon clients of an HPB learn of changes, and what it costs when many join at once.

usage: python -m tests.hpb.benchmark [--release sid] [--changes 500] [--joins 500]

A PostgreSQL that waits for the disk, a real HPB with ten clients in a conversation, and this
process, which changes the conversation and has the sender. Then that many people join one
conversation as fast as they can, and a server that writes down what it is told counts messages and
bytes.
"""

import argparse
import json
import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import django
from django.utils import timezone

from tests.deploy import stub_site
from tests.servers import hpb, postgres
from tests.servers.hpb_client import Closed, HPBClient, connected

_CLIENTS = 10
_THREADS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", default="sid", help="Debian's release of the HPB")
    parser.add_argument("--changes", type=int, default=500)
    parser.add_argument("--joins", type=int, default=500)
    options = parser.parse_args()
    with postgres.cluster() as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(json.dumps(_measure_delay(options.release, options.changes), indent=2))
        print(json.dumps(_measure_storm(options.joins), indent=2))


def _use(url: str, secret: str) -> None:
    from django.conf import settings

    entry = {"url": url, "secret": secret}
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "external", "SERVERS": [entry]}}


def _measure_delay(release: str, changes: int) -> dict[str, Any]:
    """Return how many milliseconds after a commit a client has the list of who is in the call."""
    from talk_calls.hpb import sender
    from talk_calls.models import Session
    from tests.factories import ConversationFactory
    from tests.hpb.people import connect, join

    with (
        stub_site.running() as site,
        hpb.running(release, [site.site]) as server,
        ExitStack() as all_,
    ):
        _use(server.url, site.site.secret)
        room = ConversationFactory()
        clients = []
        for number in range(_CLIENTS):
            session = connect(room)
            client = all_.enter_context(connected(server.websocket_url))
            client.hello_v1(site.url, user_id=f"user {number}", ticket="")
            client.join(room.token, session.session_id)
            clients.append((session, client))
        for session, _ in clients:
            join(session)
        time.sleep(2)
        watcher: HPBClient = clients[0][1]
        watcher.read(0.5)
        for _, client in clients[1:]:
            threading.Thread(target=_drain, args=(client,), daemon=True).start()
        delays, writes = [], []
        for number in range(changes):
            session, client = clients[number % _CLIENTS]
            flags = 3 if number // _CLIENTS % 2 == 0 else 7
            begin = time.perf_counter()
            join(session, flags)
            writes.append((time.perf_counter() - begin) * 1000)
            begin = time.perf_counter()
            _wait(watcher, client.session_id, flags)
            delays.append((time.perf_counter() - begin) * 1000)
            Session.objects.update(last_ping=timezone.now())
        sender.stop()
    delays.sort()
    return {
        "median ms of the change itself": round(statistics.median(writes), 1),
        "HPB": server.version,
        "changes": changes,
        "median ms": round(statistics.median(delays), 1),
        "p99 ms": round(delays[int(len(delays) * 0.99)], 1),
        "longest ms": round(delays[-1], 1),
    }


def _drain(client: HPBClient) -> None:
    """Read what comes, as clients do, until the connection ends."""
    with suppress(Closed):
        while True:
            client.read(1)


def _wait(watcher: HPBClient, session_id: str, flags: int) -> None:
    while True:
        update = watcher.expect_event("participants", "update")
        if {row["sessionId"]: row["inCall"] for row in update["users"]}.get(session_id) == flags:
            return


def _measure_storm(joins: int) -> dict[str, Any]:
    """Return what a server is told of many joins at once, and what one message each would be."""
    from django.db import connections

    from talk_calls.hpb import sender
    from talk_calls.services.sessions import generate_session_id
    from tests.factories import ConversationFactory
    from tests.hpb.conftest import SECRET
    from tests.hpb.people import connect, in_call, join
    from tests.hpb.recording import recording

    with recording() as server:
        _use(server.url, SECRET)
        room = ConversationFactory()
        people = [connect(room, session_id=generate_session_id()) for _ in range(joins)]

        def act(each: Any) -> None:
            join(each)

        begin = time.perf_counter()
        with ThreadPoolExecutor(_THREADS, initializer=lambda: None) as pool:
            list(pool.map(act, people))
            pool.map(lambda _: connections.close_all(), range(_THREADS))
        joined = time.perf_counter() - begin
        while len(in_call(server.told)) < joins:
            time.sleep(0.01)
        known = time.perf_counter() - begin
        time.sleep(0.5)
        sender.stop()
        about_calls = [
            (content, size)
            for (_, kind, content), size in zip(server.told, server.sizes, strict=True)
            if kind == "incall"
        ]
    row = max(
        len(json.dumps(content["changed"][0])) for content, _ in about_calls if content["changed"]
    )
    rows = sum(len(content["changed"]) + len(content["users"]) for content, _ in about_calls)
    return {
        "joins": joins,
        "seconds until all had joined": round(joined, 1),
        "seconds until the server knew": round(known, 1),
        "messages about the call": len(about_calls),
        "rows": rows,
        "MB": round(sum(size for _, size in about_calls) / 1e6, 1),
        "one message per join": {
            "messages": joins,
            "rows": joins * (joins + 1) // 2,
            "MB": round(row * joins * (joins + 1) / 2 / 1e6, 1),
        },
    }


if __name__ == "__main__":
    main()
