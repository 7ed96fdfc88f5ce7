"""Other revisions of the app, measured by the benchmarks of this one."""

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


#: What the site needs beside the groups of pyproject.toml.
_DRIVER = "psycopg[binary]>=3.2"


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Check a revision out; yield a directory with its app and demo site, and today's tests.

    A server that starts in this directory imports ``talk_calls`` and ``project`` of the revision,
    and settings of the benchmarks from here.
    """
    with tempfile.TemporaryDirectory(prefix="talk-calls-revision.") as home:
        tree, directory = Path(home) / "tree", Path(home) / "site"
        _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
        try:
            directory.mkdir()
            for name in ("talk_calls", "project", "manage.py"):
                (directory / name).symlink_to(tree / name)
            (directory / "tests").symlink_to(ROOT / "tests")
            yield directory
        finally:
            _git("worktree", "remove", "--force", str(tree))


@contextmanager
def interpreter(directory: Path) -> Iterator[str]:
    """Yield the interpreter to run the site of a checkout with.

    It is this one, so that both sites have the same packages, unless the revision requires others:
    then an environment is made for it.
    """
    tree = (directory / "talk_calls").resolve().parent
    if _requirements(tree) == _requirements(ROOT):
        yield sys.executable
        return
    with tempfile.TemporaryDirectory(prefix="talk-calls-environment.") as environment:
        make = [sys.executable, "tools/environment.py", environment, "demo", _DRIVER]
        # What it prints is no part of the figures.
        subprocess.run(make, cwd=tree, stdout=sys.stderr, check=True)
        yield str(Path(environment) / "bin" / "python")


def _requirements(tree: Path) -> Any:
    pyproject = tomllib.loads((tree / "pyproject.toml").read_text())
    project = pyproject["project"]
    return (
        project["requires-python"],
        project["dependencies"],
        pyproject["dependency-groups"]["demo"],
    )


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)
