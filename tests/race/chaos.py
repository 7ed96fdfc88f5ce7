"""Faults at random moments while histories run: killed processes, closed connections."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from tests.race.observer import Observer
from tests.race.processes import Child, Server
from tests.race.site import APPLICATION_NAME

#: Mean seconds between two faults of a kind.
SERVER_KILLED_EVERY = 1.0
SWEEPER_KILLED_EVERY = 2.0
CONNECTION_CUT_EVERY = 0.7

#: Longest time in seconds that a killed server is away.
_LONGEST_RESTART = 0.4

#: Terminates a random connection, one that runs a statement if there is one.
_CUT_ONE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = %s AND pid <> pg_backend_pid()
    ORDER BY state = 'idle', random() LIMIT 1
"""


@dataclass
class FaultCounts:
    """How many faults there were."""

    servers_killed: int = 0
    sweepers_killed: int = 0
    connections_cut: int = 0


async def kill_servers(servers: Sequence[Server], counts: FaultCounts, rng: random.Random) -> None:
    """Kill a random server again and again, and start it shortly after."""
    while True:
        await asyncio.sleep(rng.expovariate(1 / SERVER_KILLED_EVERY))
        server = rng.choice(servers)
        server.kill()
        counts.servers_killed += 1
        await asyncio.sleep(rng.uniform(0, _LONGEST_RESTART))
        server.start()
        while not server.check():
            await asyncio.sleep(0.02)


async def kill_sweepers(sweepers: Sequence[Child], counts: FaultCounts, rng: random.Random) -> None:
    """Kill a random sweeper again and again, and start it at once."""
    while True:
        await asyncio.sleep(rng.expovariate(1 / SWEEPER_KILLED_EVERY))
        sweeper = rng.choice(sweepers)
        sweeper.kill()
        counts.sweepers_killed += 1
        sweeper.start()


async def cut_connections(
    url: str, observer: Observer, counts: FaultCounts, rng: random.Random
) -> None:
    """Close a connection of the site to PostgreSQL again and again."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            await asyncio.sleep(rng.expovariate(1 / CONNECTION_CUT_EVERY))
            observer.cuts.append(datetime.now(UTC))
            done = await connection.execute(_CUT_ONE, [APPLICATION_NAME])
            counts.connections_cut += done.rowcount
