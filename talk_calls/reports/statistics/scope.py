"""What statistics are of."""

from dataclasses import dataclass
from datetime import UTC, datetime

from talk_calls.models import Conversation
from talk_calls.reports.statistics.days import Days


@dataclass(frozen=True)
class Scope:
    """Some days as they look at ``now``; if given, only one conversation or the users of a group.

    ``group`` is a name, as ``DIRECTORY`` has it.
    """

    days: Days
    now: datetime
    conversation: Conversation | None = None
    group: str = ""

    @property
    def start(self) -> datetime:
        """Return the beginning of the first day."""
        return datetime.fromtimestamp(self.days.start, UTC)

    @property
    def stop(self) -> datetime:
        """Return the end of the last day, which is the beginning of the next one."""
        return datetime.fromtimestamp(self.days.stop, UTC)
