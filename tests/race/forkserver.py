"""A process that imports the site once and forks the processes that the race kills.

A forked process starts at once, since everything is imported. The forkserver reads commands, one a
line, and answers each with one line:

    serve PORT    fork a web server; answers its process id
    sweep PAUSE   fork a sweeper that pauses for so many seconds; answers its process id
    deliver PAUSE fork a process that delivers webhooks, and looks for new events so often
    kill PID      kill a child and wait for it; answers "killed", or "ended" if it had ended before
    stop PID      suspend a child
    cont PID      resume it

When its input ends, it kills all its children and ends.
"""

import os
import signal
import sys
from collections.abc import Callable

from tests.servers.ports import HOST

_SIGNALS = {"stop": signal.SIGSTOP, "cont": signal.SIGCONT}


def main() -> None:
    _import_site()
    children: set[int] = set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the harness, which then closes us
    try:
        print("ready", flush=True)
        for line in sys.stdin:
            command, argument = line.split()
            print(_execute(command, argument, children), flush=True)
    finally:
        for pid in list(children):
            _kill(pid, children)


def _import_site() -> None:
    """Import everything that a child would import otherwise."""
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto  # noqa: F401
    from django.urls import get_resolver

    import project.asgi  # noqa: F401

    list(get_resolver().reverse_dict)  # imports all views


def _execute(command: str, argument: str, children: set[int]) -> str:
    match command:
        case "serve":
            return _fork(lambda: _serve(int(argument)), children)
        case "sweep":
            return _fork(lambda: _loop("talk_sweep", argument), children)
        case "deliver":
            return _fork(lambda: _loop("talk_deliver", argument), children)
        case "kill":
            return _kill(int(argument), children)
    if int(argument) in children:
        os.kill(int(argument), _SIGNALS[command])
    return command


def _fork(work: Callable[[], None], children: set[int]) -> str:
    pid = os.fork()
    if pid:
        children.add(pid)
        return str(pid)
    code = 1
    try:
        _detach()
        work()
        code = 0
    except BaseException:  # noqa: BLE001 -- the edge of a process: never back into main()
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _detach() -> None:
    """Close the channel of commands in a child, and restore what Ctrl-C does."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, sys.stdin.fileno())
    os.dup2(null, sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _serve(port: int) -> None:
    import uvicorn

    from project.asgi import application

    uvicorn.run(application, host=HOST, port=port, log_level="warning", access_log=False)


def _loop(command: str, pause: str) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", command, "--loop", pause])


def _kill(pid: int, children: set[int]) -> str:
    if pid not in children:
        return "unknown"
    children.remove(pid)
    if os.waitpid(pid, os.WNOHANG) != (0, 0):
        return "ended"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "killed"


if __name__ == "__main__":
    main()
