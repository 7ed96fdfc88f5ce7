"""Where the programs of other servers are, if they are installed."""

import os
import shutil
from pathlib import Path

#: Releases of Debian whose High-performance Backend tests use, oldest first: 0.4.1, 1.2.4, and
#: 2.0.2 or newer.
HPB_RELEASES = ("bookworm", "trixie", "sid")

#: Programs that are not called like their project.
_NAMES = {"coturn": "turnserver", "nats": "nats-server"}

#: Debian keeps some out of the PATH of some accounts.
_SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])


def find_program(name: str) -> str | None:
    """Return the path of a server's program: ``janus``, ``nats``, ``hpb-sid``, ``hpb-proxy`` …"""
    if name == "hpb-proxy":
        return _hpb("bookworm", "proxy")  # later releases of Debian leave it out
    if name.startswith("hpb-"):
        return _hpb(name.removeprefix("hpb-"), "server")
    return shutil.which(_NAMES.get(name, name), path=_SYSTEM_PATH)


def _hpb(release: str, name: str) -> str | None:
    program = _hpb_home() / release / "usr/bin" / f"nextcloud-spreed-signaling-{name}"
    return str(program) if program.exists() else None


def _hpb_home() -> Path:
    """Return the directory into which tools/install-signaling-servers unpacks."""
    if given := os.environ.get("TALK_CALLS_HPB_DIR"):
        return Path(given)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "talk-calls" / "signaling-servers"
