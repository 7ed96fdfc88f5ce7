"""Polls whose clients go away before the answer: nothing of them may stay."""

import asyncio

from talk_calls.contrib.simulation.http import Connection, encode_request
from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site, api

#: How many, how many at a time, and seconds after which a client goes.
_POLLS, _AT_ONCE, _PATIENCE = 2000, 50, 0.2

#: Seconds in which the server notices.
_REST = 3

#: Files and threads that may stay beyond those before: honest people's connections and threads of
#: the pool, which start when they are first needed.
_MOST_FILES, _MOST_THREADS = 30, 16


def run(site: Site) -> list[Figure]:
    """Send the polls of one session, and go away."""
    before = site.state
    asyncio.run(_abort_all(site))
    after = site.state
    return [
        Figure("polls", _POLLS),
        Figure("a poll", 1000 * (after.cpu - before.cpu) / _POLLS, "ms CPU"),
        Figure("files", after.files, "", before.files, before.files + _MOST_FILES),
        Figure("threads", after.threads, "", before.threads, before.threads + _MOST_THREADS),
        Figure("connections to the database", after.connections, before=before.connections),
    ]


async def _abort_all(site: Site) -> None:
    group = site.groups[2]
    client = site.client(group.members[0])
    await client.request("POST", api(f"v4/room/{group.token}/participants/active"))
    await client.request("GET", api(f"v3/signaling/{group.token}"))  # answered at once
    cookies = "; ".join(f"{name}={text}" for name, text in client.cookies.items())
    headers = {**client.headers, "Cookie": cookies}
    poll = encode_request("GET", api(f"v3/signaling/{group.token}"), headers, b"")
    left = iter(range(_POLLS))

    async def abort() -> None:
        for _ in left:
            connection = Connection(site.url)
            _, writer = await connection.open()
            writer.write(poll)
            await asyncio.sleep(_PATIENCE)
            connection.close()

    await asyncio.gather(*(abort() for _ in range(_AT_ONCE)))
    client.close()
    await asyncio.sleep(_REST)
