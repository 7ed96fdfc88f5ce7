"""A second process of the site, so that what is shared between processes can be tried.

``python -m talk_calls.doctor.child cache KEY`` prints what the shared cache has there.
``… hints`` waits for lines, and tells each as a hint to all processes.
"""

import os
import subprocess
import sys
from contextlib import closing

import django
from django.conf import settings

#: Seconds that a process of a large site may take to start.
START = 20.0


def start(*arguments: str) -> "subprocess.Popen[str]":
    """Start it with the settings of this process's settings module."""
    module = os.environ.get("DJANGO_SETTINGS_MODULE") or settings.SETTINGS_MODULE
    return subprocess.Popen(  # noqa: S603 -- ourselves
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


def main(what: str, *arguments: str) -> None:
    """Do what this process was started for."""
    django.setup()
    if what == "cache":
        from django.core.cache import cache

        sys.stdout.write(str(cache.get(arguments[0])))
        return
    from talk_calls.conf import conf
    from talk_calls.signaling.channels import open_channel

    with closing(open_channel(conf.wakeup)) as channel:
        channel.publish("doctor 0 ")  # it connects now, and not while the time is taken
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            channel.publish(line.rstrip("\n"))


if __name__ == "__main__":
    main(*sys.argv[1:])
