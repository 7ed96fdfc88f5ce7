"""Loads the site once and forks the processes that are to be killed, so that they start at once.

Runs as a process of its own, told in lines and answering each with one:

    serve PORT    fork a web server; answers its process id
    sweep PAUSE   fork a sweeper; answers its process id
    kill PID      kill a child and wait for it; answers "killed", or "dead" if it was already
    stop PID      suspend a child
    cont PID      let it go on

When its input ends, it kills all that it forked and ends.
"""

import os
import signal
import sys
from collections.abc import Callable

HOST = "127.0.0.1"

_SIGNALS = {"stop": signal.SIGSTOP, "cont": signal.SIGCONT}


def main() -> None:
    _load_the_site()
    children: set[int] = set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the harness, which then closes us
    try:
        print("ready", flush=True)
        for line in sys.stdin:
            word, argument = line.split()
            print(_obey(word, argument, children), flush=True)
    finally:
        for pid in list(children):
            _kill(pid, children)


def _load_the_site() -> None:
    """Import now what every child would have to import else."""
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto  # noqa: F401
    from django.urls import get_resolver

    import project.asgi  # noqa: F401

    list(get_resolver().reverse_dict)  # imports all views


def _obey(word: str, argument: str, children: set[int]) -> str:
    match word:
        case "serve":
            return _fork(lambda: _serve(int(argument)), children)
        case "sweep":
            return _fork(lambda: _sweep(argument), children)
        case "kill":
            return _kill(int(argument), children)
    if int(argument) in children:
        os.kill(int(argument), _SIGNALS[word])
    return word


def _fork(work: Callable[[], None], children: set[int]) -> str:
    pid = os.fork()
    if pid:
        children.add(pid)
        return str(pid)
    code = 1
    try:
        _leave_the_nursery()
        work()
        code = 0
    except BaseException:  # noqa: BLE001 -- the edge of a process: never back into main()
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _leave_the_nursery() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, sys.stdin.fileno())
    os.dup2(nothing, sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _serve(port: int) -> None:
    import uvicorn

    from project.asgi import application

    uvicorn.run(application, host=HOST, port=port, log_level="warning", access_log=False)


def _sweep(pause: str) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "talk_sweep", "--loop", pause])


def _kill(pid: int, children: set[int]) -> str:
    if pid not in children:
        return "unknown"
    children.remove(pid)
    if os.waitpid(pid, os.WNOHANG) != (0, 0):
        return "dead"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "killed"


if __name__ == "__main__":
    main()
