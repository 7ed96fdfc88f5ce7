"""The progress bar of long commands."""

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper
from django.core.management.color import color_style

from talk_calls.management import progress


class Screen(StringIO):
    """A terminal."""

    def isatty(self):
        return True


@pytest.fixture
def seconds(monkeypatch):
    """Return a function that sets the clock."""
    monkeypatch.setenv("COLUMNS", "80")
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return lambda to: now.__setitem__(0, to)


def drawn(stream) -> list[str]:
    return stream.getvalue().split("\r")[1:]


def test_how_long_it_takes(seconds):
    """After some seconds the rest is guessed; at the end the bar tells what all of it took."""
    stream = Screen()
    errors = OutputWrapper(stream)
    errors.style_func = color_style(force_color=True).ERROR
    bar = progress.Progress(errors)
    for at, done in ((0, 0), (1, 10), (10, 100), (40, 400), (100, 1000)):
        seconds(at)
        bar(done, 1000)
    assert drawn(stream) == [
        f"[{' ' * 40}] 0 of 1,000",
        f"[{' ' * 40}] 10 of 1,000",
        f"[{'#' * 4}{' ' * 36}] 100 of 1,000, 0:01:30 left",
        f"[{'#' * 16}{' ' * 24}] 400 of 1,000, 0:01:00 left",
        f"[{'#' * 40}] 1,000 of 1,000 in 0:01:40 \n",
    ]


def test_narrow(seconds, monkeypatch):
    """The bar leaves room for the words, so that no line is broken."""
    monkeypatch.setenv("COLUMNS", "50")
    stream = Screen()
    bar = progress.Progress(OutputWrapper(stream))
    bar(0, 1000)
    seconds(10)
    bar(500, 1000)
    assert drawn(stream)[-1] == f"[{'#' * 5}{' ' * 6}] 500 of 1,000, 0:00:10 left"


def test_nothing_in_a_file():
    """Where nobody watches there is no bar."""
    stream = StringIO()
    progress.Progress(OutputWrapper(stream))(1, 2)
    assert stream.getvalue() == ""
