"""Make the virtual environment, unless the existing one was made from the same inputs.

usage: environment.py DIRECTORY [REQUIREMENT ...]

The inputs are this interpreter, the tables of pyproject.toml about installation (a new
lint rule is no reason to reinstall), and the extra requirements, such as
"Django~=6.1.0". If one of them changed, a new environment is made from scratch, so that
its content does not depend on the old one.
"""

# Old interpreters must be able to parse this file to print the error below, so:
# ruff: noqa: UP031, UP036
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "talk_calls needs Python 3.11 or newer, and %s is %d.%d: try `make PYTHON=python3.11 ...`"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )

import hashlib
import json
import subprocess
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(directory: str, *requirements: str) -> None:
    target = Path(directory)
    stamp = target / "made-from"
    fingerprint = fingerprint_of(requirements)
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    print(f"Making {target} with Python {sys.version.split()[0]} ...", flush=True)
    make(target, requirements)
    stamp.write_text(fingerprint)


def fingerprint_of(requirements: tuple[str, ...]) -> str:
    """Return a hash of everything that decides what is installed."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = [sys.version, sys.base_prefix, str(ROOT), requirements, Path(__file__).read_text()]
    parts += [pyproject[table] for table in ("build-system", "project", "dependency-groups")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def make(target: Path, requirements: tuple[str, ...]) -> None:
    try:
        venv.create(target, clear=True, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit("Python cannot make environments here; on Debian: apt-get install python3-venv")
    pip = [str(target / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check"]
    # The pip that comes with Python may be too old to know dependency groups.
    subprocess.run([*pip, "install", "--upgrade", "pip>=25.1"], check=True, cwd=ROOT)
    wanted = ["--group", "dev", "--editable", ".", *requirements]
    subprocess.run([*pip, "install", *wanted], check=True, cwd=ROOT)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"Installing failed (exit {error.returncode}); the lines above say why.")
