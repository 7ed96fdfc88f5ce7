"""A second process of the site, for checks of what processes share.

``python -m talk_calls.health.second_process cache KEY`` prints the value of that key in the cache.
``python -m talk_calls.health.second_process wakeup`` prints ``ready``, then publishes each line of
its standard input as a hint to all processes.
"""

import os
import subprocess
import sys
from contextlib import closing

import django
from django.conf import settings

#: Seconds that a process of a large site may take to start.
START_TIME = 20.0


def start(*arguments: str) -> "subprocess.Popen[str]":
    """Start the process with the settings module of this one; the caller ends it."""
    module = os.environ.get("DJANGO_SETTINGS_MODULE") or settings.SETTINGS_MODULE
    return subprocess.Popen(  # noqa: S603 -- this module
        [sys.executable, "-m", __name__, *arguments],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": module,
            "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it may quote an address with a password in it
        text=True,
    )


def main(command: str, *arguments: str) -> None:
    """Run one of the two commands of this module."""
    django.setup()
    if command == "cache":
        _print_cached(*arguments)
    else:
        _publish_lines()


def _print_cached(key: str) -> None:
    from django.core.cache import cache

    sys.stdout.write(str(cache.get(key)))


def _publish_lines() -> None:
    from talk_calls.conf import conf
    from talk_calls.signaling.channels import open_channel

    with closing(open_channel(conf.wakeup)) as channel:
        channel.publish("health 0 ")  # connects now, before the check measures the time
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            channel.publish(line.rstrip("\n"))


if __name__ == "__main__":
    main(*sys.argv[1:])
