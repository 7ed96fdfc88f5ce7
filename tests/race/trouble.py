"""What goes wrong meanwhile: processes are killed, connections are cut, each at random moments."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from tests.race.clients import Witness
from tests.race.processes import Child, Server
from tests.race.site import SITE

#: Mean seconds between two troubles of a kind.
SERVER_LIFE = 1.0
SWEEPER_LIFE = 2.0
CONNECTION_LIFE = 0.7

#: One that is just busy, if there is one.
_CUT_ONE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = %s AND pid <> pg_backend_pid()
    ORDER BY state = 'idle', random() LIMIT 1
"""


@dataclass
class Harm:
    """How often something went wrong."""

    servers_killed: int = 0
    sweepers_killed: int = 0
    connections_cut: int = 0


async def kill_servers(servers: Sequence[Server], harm: Harm, dice: random.Random) -> None:
    """Kill one server after the other, and start each again a moment later."""
    while True:
        await asyncio.sleep(dice.expovariate(1 / SERVER_LIFE))
        server = dice.choice(servers)
        server.kill()
        harm.servers_killed += 1
        await asyncio.sleep(dice.uniform(0, 0.4))
        server.start()
        while not server.answers():
            await asyncio.sleep(0.02)


async def kill_sweepers(sweepers: Sequence[Child], harm: Harm, dice: random.Random) -> None:
    """Kill one sweeper after the other; another one takes its place at once."""
    while True:
        await asyncio.sleep(dice.expovariate(1 / SWEEPER_LIFE))
        sweeper = dice.choice(sweepers)
        sweeper.kill()
        harm.sweepers_killed += 1
        sweeper.start()


async def cut_connections(url: str, witness: Witness, harm: Harm, dice: random.Random) -> None:
    """Cut connections of the site to PostgreSQL, in the middle of a statement where possible."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            await asyncio.sleep(dice.expovariate(1 / CONNECTION_LIFE))
            witness.cuts.append(datetime.now(UTC))
            done = await connection.execute(_CUT_ONE, [SITE])
            harm.connections_cut += done.rowcount
