"""What came back, as a table or as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.clients.probe.announcement import Announcement
from tests.clients.probe.walking import Result


@dataclass(frozen=True)
class Report:
    """All results; an announcement must be told ``within`` so many seconds."""

    results: Sequence[Result]
    announcements: Sequence[Announcement]
    within: float

    @property
    def problems(self) -> list[str]:
        """Return a line for each thing that is not as clients need it."""
        lines = [
            f"{each.client}: {each.step}: {_status(each)} {each.problem}"
            for each in self.results
            if each.problem
        ]
        return lines + [_heading(each) for each in self.announcements if self._late(each)]

    def text(self) -> str:
        """Return it for a person."""
        lines = list(map(_row, self.results))
        lines += ["", "That a call began, others know by"]
        lines += [_heading(each) for each in self.announcements]
        problems = self.problems
        lines += ["", *(problems or ["All answers are as clients expect them."])]
        if problems:
            lines.append(f"{len(problems)} of {len(self.results) + len(self.announcements)}")
        return "\n".join(lines)

    def json(self) -> str:
        """Return it for a program; seconds are those of each answer."""
        return json.dumps(
            {
                "results": list(map(asdict, self.results)),
                "announcements": list(map(asdict, self.announcements)),
                "problems": self.problems,
            },
            indent=2,
        )

    def _late(self, announcement: Announcement) -> bool:
        return announcement.seconds is None or announcement.seconds >= self.within


def _status(result: Result) -> str:
    return str(result.status or "-")


def _row(result: Result) -> str:
    mark, milliseconds = "!" if result.problem else " ", 1000 * result.seconds
    start = f"{mark} {_status(result):>3}  {milliseconds:7.0f} ms  {result.client:<12} "
    return start + result.step + _note(result)


def _note(result: Result) -> str:
    note = result.problem or result.reason
    return f"  [{note}]" if note else ""


def _heading(each: Announcement) -> str:
    when = each.problem if each.seconds is None else f"{each.seconds:.2f} s after the request"
    return f"{each.client:<12} {each.how}: {when}"
