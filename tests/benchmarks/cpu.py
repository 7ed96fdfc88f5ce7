"""CPU time of process trees and of the machine, from /proc, and the speed of the CPU."""

import os
import time
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def seconds_of(root: int) -> float:
    """Return user and system time of a process and all below it.

    Children that ended and were waited for count through their parent, so the sum never shrinks.
    """
    processes = _processes()
    return sum(processes[pid][1] for pid in _tree(root, processes))


def processes_of(root: int) -> set[int]:
    """Return the ids of a process and all below it."""
    return _tree(root, _processes())


def machine_seconds() -> float:
    """Return the time that all cores together were busy since boot."""
    fields = (_PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) / _TICK


def speed() -> float:
    """Return the CPU milliseconds of a fixed piece of work, the best of a few tries.

    The speed of shared machines varies: compare the figures of two runs only if they agree in this
    one.
    """
    return min(fixed_work() for _ in range(10))


def fixed_work() -> float:
    """Return the CPU milliseconds of a fixed piece of work, now."""
    start = time.process_time()
    values = {}
    for number in range(30_000):
        values[number & 255] = (number, str(number))
    return 1000 * (time.process_time() - start)


def _tree(root: int, processes: dict[int, tuple[int, float]]) -> set[int]:
    found, unseen = set(), {root} & processes.keys()
    while unseen:
        found |= unseen
        unseen = {pid for pid, (parent, _) in processes.items() if parent in unseen}
    return found


def _processes() -> dict[int, tuple[int, float]]:
    """Return parent and CPU seconds of every process by its id."""
    found = {}
    for path in _PROC.glob("[0-9]*/stat"):
        try:
            # The name in brackets may contain spaces and brackets; nothing after it does.
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it just ended
        ticks = sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
        found[int(path.parent.name)] = (int(fields[1]), ticks / _TICK)
    return found
