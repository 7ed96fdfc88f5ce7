"""Lists that are bounded, and tell how many more rows there are."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from talk_calls.management.texts import lazy as _

#: Rows that a command lists, unless ``--limit`` asks for more or fewer.
DEFAULT_LIMIT = 50

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True)
class Limited(Generic[T]):
    """The first rows, and how many ``more`` there are."""

    rows: Sequence[T]
    more: int

    @property
    def lines(self) -> list[str]:
        """Return the lines that follow a table which is not complete."""
        if not self.more:
            return []
        return ["", _("And {count:,} more; --limit N shows more.").format(count=self.more)]


def add_limit_argument(parser: ArgumentParser, help_text: str) -> None:
    """Add ``--limit``; the help tells of what there are so many at most."""
    parser.add_argument(
        "--limit",
        type=positive,
        default=DEFAULT_LIMIT,
        metavar="N",
        help=str(_("{what} (default: {count})")).format(what=help_text, count=DEFAULT_LIMIT),
    )


def positive(text: str) -> int:
    """Return a whole number above 0, for ``type=`` of an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(_("{text!r} is no number above 0.").format(text=text))
    return int(text)


def limited(rows: QuerySet[M, M], limit: int) -> Limited[M]:
    """Return the first rows of a query; only if there are others, a second one counts them."""
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Limited(found, 0)
    return Limited(found[:limit], rows.count() - limit)
