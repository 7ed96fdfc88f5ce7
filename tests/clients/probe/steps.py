"""A request of a client, as a row of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Names of devices in a table: the one that walks, and the one that is there beside it.
ME, OTHER = "me", "other"


@dataclass(frozen=True)
class Refusal:
    """A status of 400 and more that is right, and why; if it is ``certain``, no other is."""

    status: int
    reason: str
    certain: bool = True


@dataclass(frozen=True)
class Step:
    """One request.

    ``path`` begins with "v" and a digit below Talk's API, with "/" at the root of the site, and
    else below ``/ocs/v2.php``. Names in braces, in all texts, stand for what the device knows.

    ``keep`` gives names to parts of the answer for the steps that follow: a path such as
    ``0/sessionId`` or ``actorId=bob/attendeeId`` within its data, or a header. ``refused`` are
    statuses that are right though they refuse. A step that ``waits`` is sent before the next ones,
    and its answer awaited at the end.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()
    by: str = ME
    waits: bool = False

    @property
    def name(self) -> str:
        """Return what it is called in reports."""
        return f"{self.method} {self.path}"

    def expected(self, status: int) -> Refusal | None:
        """Return the reason why a status is right though it refuses."""
        return next((each for each in self.refused if each.status == status), None)

    @property
    def why_refused(self) -> str:
        """Return the reason why it must be refused, or nothing where it need not."""
        return next((each.reason for each in self.refused if each.certain), "")


@dataclass(frozen=True)
class Walk:
    """What one client asks, with the headers that it sends with each request.

    ``anonymous`` is asked before it logs in. ``login`` is how it does: "cookie" (a web client),
    "flow" (an app, by login flow v2), "direct" (an app, by the page that leads to ``nc://``) or
    "guest" (not at all).
    """

    name: str
    login: str
    headers: Mapping[str, str]
    anonymous: tuple[Step, ...]
    steps: tuple[Step, ...]
