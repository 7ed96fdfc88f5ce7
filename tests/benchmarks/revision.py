"""Other revisions of the app, measured by the benchmarks of this one."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)
