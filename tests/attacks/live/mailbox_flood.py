"""Thousands of long messages to somebody who does not poll.

2,000 messages of 20 kB once made one poll of 41 MB. Four people send at a time; then the recipient
polls until nothing is left.
"""

import asyncio
import json
import time
from collections import Counter

from talk_calls.contrib.simulation.http import Connection
from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site, api

#: Messages of each sender, how many go in one request, and bytes of each.
_MESSAGES, _IN_ONE, _SIZE = 500, 10, 20_000

#: Bytes of an answer to a poll, and of a mailbox; docs/protocol.md has both, the rest is JSON.
_MOST_ANSWER, _MOST_MAILBOX = 1024 * 1024, 4 * 1024 * 1024

#: Bytes in the fullest mailbox.
_WAITING = """
SELECT sum(octet_length(text)) AS size FROM talk_calls_signalingmessage
GROUP BY recipient_id ORDER BY size DESC LIMIT 1
"""


def run(site: Site) -> list[Figure]:
    """Flood a mailbox, empty it, and send an offer into it meanwhile."""
    return asyncio.run(_flood(site))


async def _flood(site: Site) -> list[Figure]:
    group = site.groups[1]
    victim, *senders = [site.client(user) for user in group.members]
    sessions = [await _join(client, group.token) for client in (victim, *senders)]
    flooding = [
        _send_many(client, group.token, session, sessions[0])
        for client, session in zip(senders, sessions[1:], strict=True)
    ]
    statuses = sum(await asyncio.gather(*flooding), Counter())
    waiting = int(site.cluster.run(_WAITING) or 0)
    sizes, slowest = await _empty(victim, group.token)
    for each in (victim, *senders):
        each.close()
    return [
        Figure("messages sent", len(senders) * _MESSAGES),
        Figure("requests that were refused (429)", statuses[429]),
        Figure("answers of 500 or more", sum(n for s, n in statuses.items() if s >= 500), most=0),
        Figure("bytes that wait in the end", waiting, most=_MOST_MAILBOX),
        Figure("polls until the mailbox is empty", len(sizes)),
        Figure("largest answer", max(sizes), "bytes", most=_MOST_ANSWER),
        Figure("slowest poll", 1000 * slowest, "ms"),
    ]


async def _join(client: Connection, token: str) -> str:
    path = api(f"v4/room/{token}/participants/active")
    session: str = (await client.request("POST", path)).data["sessionId"]
    return session


async def _send_many(client: Connection, token: str, session: str, to: str) -> Counter[int]:
    statuses: Counter[int] = Counter()
    fn = json.dumps({"to": to, "type": "candidate", "payload": "x" * _SIZE})
    body = json.dumps({"messages": [{"ev": "message", "fn": fn, "sessionId": session}] * _IN_ONE})
    for _ in range(_MESSAGES // _IN_ONE):
        response = await client.request("POST", api(f"v3/signaling/{token}"), body.encode())
        statuses[response.status] += 1
    return statuses


async def _empty(client: Connection, token: str) -> tuple[list[int], float]:
    """Poll until an answer has no messages; return the sizes of all, and the longest's seconds."""
    sizes, slowest = [], 0.0
    while True:
        start = time.perf_counter()
        response = await client.request("GET", api(f"v3/signaling/{token}"))
        sizes.append(len(response.body))
        if not any(each["type"] == "message" for each in response.data):
            return sizes, slowest
        slowest = max(slowest, time.perf_counter() - start)
