"""Running many histories at a time while faults happen."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.progress import Progress
from tests.race import chaos, invariants
from tests.race.chaos import FaultCounts
from tests.race.clients import Device
from tests.race.history import History
from tests.race.observer import Observer
from tests.race.processes import Child, Server
from tests.race.site import Site

#: Histories that run at the same time.
AT_ONCE = 48

#: Seconds between two checks of a snapshot of the database.
SNAPSHOT_EVERY = 2.0

_PROGRESS_LINES = 20


@dataclass
class Race:
    """A run of histories: its processes, what clients observed, faults and violations so far."""

    site: Site
    servers: Sequence[Server]
    sweepers: Sequence[Child]
    credentials: dict[int, str]
    seed: int
    observer: Observer = field(default_factory=Observer)
    faults: FaultCounts = field(default_factory=FaultCounts)
    snapshots: int = 0
    violations: dict[str, list[str]] = field(default_factory=dict)

    async def run(self, histories: Sequence[History]) -> None:
        """Run all histories; afterwards there are no more faults."""
        tasks = [asyncio.create_task(coroutine) for coroutine in self._background()]
        await self._run_all(histories)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task  # raises what failed in it

    def _background(self) -> list[Coroutine[Any, Any, None]]:
        rng = random.Random(self.seed)
        tasks = [
            chaos.kill_servers(self.servers, self.faults, rng),
            chaos.kill_sweepers(self.sweepers, self.faults, rng),
            self._check_snapshots(),
        ]
        if self.site.cluster is not None:
            tasks.append(chaos.cut_connections(self.site.url, self.observer, self.faults, rng))
        return tasks

    async def _run_all(self, histories: Sequence[History]) -> None:
        progress, gate = Progress(len(histories)), asyncio.Semaphore(AT_ONCE)
        every = max(1, len(histories) // _PROGRESS_LINES)
        done = 0

        async def run(history: History) -> None:
            nonlocal done
            async with gate:
                await self._run_one(history)
            done += 1
            if done % every == 0:
                progress.show(f"{done} of {len(histories)} histories")
            progress.step()

        await asyncio.gather(*map(run, histories))
        progress.close()

    async def _run_one(self, history: History) -> None:
        devices = [
            Device(
                history,
                client,
                None if client.person is None else self.credentials[client.person],
                self.servers,
                self.observer,
            )
            for client in history.clients
        ]
        for burst in history.bursts:
            await asyncio.sleep(burst.pause)
            await asyncio.gather(
                *(devices[step.client].perform(step, devices) for step in burst.steps)
            )

    async def _check_snapshots(self) -> None:
        while True:
            await asyncio.sleep(SNAPSHOT_EVERY)
            for name, rows in (await asyncio.to_thread(invariants.check_snapshot)).items():
                self.violations.setdefault(name, []).extend(
                    f"during the run: {row}" for row in rows
                )
            self.snapshots += 1
