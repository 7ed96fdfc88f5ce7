"""Make the virtual environment, unless the existing one was made from the same inputs.

usage: environment.py DIRECTORY GROUP [REQUIREMENT ...]

GROUP is the dependency group of pyproject.toml to install beside the app.

The inputs are this interpreter, the tables of pyproject.toml about installation (a new
lint rule is no reason to reinstall), the group, and the extra requirements, such as
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
import time
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: What pip prints that is worth a line of its own: a package after the other, and the end.
PROGRESS = ("Collecting", "Building", "Installing collected")


def main(directory: str, group: str, *requirements: str) -> None:
    target = Path(directory)
    stamp = target / "made-from"
    fingerprint = fingerprint_of(group, requirements)
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    start = time.monotonic()
    say(f"Making {target} with Python {sys.version.split()[0]}; this is done only once.")
    make(target, group, requirements)
    stamp.write_text(fingerprint)
    say(f"Made {target} in {time.monotonic() - start:.0f} s.")


def fingerprint_of(group: str, requirements: tuple[str, ...]) -> str:
    """Return a hash of everything that decides what is installed."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = [sys.version, sys.base_prefix, str(ROOT), group, requirements]
    parts += [Path(__file__).read_text()]
    parts += [pyproject[table] for table in ("build-system", "project", "dependency-groups")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def make(target: Path, group: str, requirements: tuple[str, ...]) -> None:
    say("1/3 An empty environment ...")
    try:
        venv.create(target, clear=True, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit("Python cannot make environments here; on Debian: apt-get install python3-venv")
    pip = [str(target / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    say("2/3 A pip that knows dependency groups ...")
    subprocess.run([*pip, "-qq", "--upgrade", "pip>=25.1"], check=True, cwd=ROOT)
    say(f"3/3 The app, and the packages of the group {group} ...")
    install([*pip, "--progress-bar", "off", "--group", group, "--editable", ".", *requirements])


def install(command: list[str]) -> None:
    """Run pip, and pass on only the lines that tell how far it is."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or []:
            if line.startswith(PROGRESS):
                say(f"    {line.partition(' (from')[0].strip()}"[:100])
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"Installing failed (exit {error.returncode}); the lines above say why.")
