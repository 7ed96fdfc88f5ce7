"""Playing histories, many at a time, while things go wrong."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.progress import Progress
from tests.race import invariants, trouble
from tests.race.clients import Device, Witness
from tests.race.history import History
from tests.race.processes import Child, Server
from tests.race.site import Site
from tests.race.trouble import Harm

#: Histories that are played at the same time.
AT_ONCE = 48

#: Seconds between two looks at a snapshot of the database.
LOOK_EVERY = 2.0

_LINES = 20


@dataclass
class Race:
    """A race under way: who takes part, what was seen, and what went wrong."""

    site: Site
    servers: Sequence[Server]
    sweepers: Sequence[Child]
    credentials: dict[int, str]
    seed: int
    witness: Witness = field(default_factory=Witness)
    harm: Harm = field(default_factory=Harm)
    snapshots: int = 0
    violations: dict[str, list[str]] = field(default_factory=dict)

    async def run(self, histories: Sequence[History]) -> None:
        """Play all histories; in the end nobody makes trouble, and all servers are up."""
        troubles = [asyncio.create_task(coroutine) for coroutine in self._troubles()]
        await self._play(histories)
        for task in troubles:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task  # what failed in it is raised here

    def _troubles(self) -> list[Any]:
        dice = random.Random(self.seed)
        troubles = [
            trouble.kill_servers(self.servers, self.harm, dice),
            trouble.kill_sweepers(self.sweepers, self.harm, dice),
            self._look_now_and_then(),
        ]
        if self.site.cluster is not None:
            troubles.append(trouble.cut_connections(self.site.url, self.witness, self.harm, dice))
        return troubles

    async def _play(self, histories: Sequence[History]) -> None:
        progress, turn = Progress(len(histories)), asyncio.Semaphore(AT_ONCE)
        every = max(1, len(histories) // _LINES)
        done = 0

        async def one(history: History) -> None:
            nonlocal done
            async with turn:
                await self._history(history)
            done += 1
            progress.step()
            if done % every == 0:
                progress.say(f"{done} of {len(histories)} histories")

        await asyncio.gather(*map(one, histories))
        progress.close()

    async def _history(self, history: History) -> None:
        devices = [
            Device(
                history,
                client,
                None if client.person is None else self.credentials[client.person],
                self.servers,
                self.witness,
            )
            for client in history.clients
        ]
        for burst in history.bursts:
            await asyncio.sleep(burst.pause)
            await asyncio.gather(*(devices[step.client].do(step, devices) for step in burst.steps))

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for name, rows in (await asyncio.to_thread(invariants.check_snapshot)).items():
                self.violations.setdefault(name, []).extend(f"meanwhile: {row}" for row in rows)
            self.snapshots += 1
