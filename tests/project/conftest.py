"""The demo of the README."""

from collections.abc import Iterator

import pytest

from tests.project.demo import serving


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Run the demo; return its port and its output. No test takes from it what others need."""
    with serving(tmp_path_factory.mktemp("demo")) as found:
        yield found
