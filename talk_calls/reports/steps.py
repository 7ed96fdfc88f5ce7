"""The parts of a decision: the rules that were asked, and what came of each."""

from dataclasses import dataclass
from enum import StrEnum

from talk_calls.models import Conversation
from talk_calls.reports import wording

#: API versions that decide alike.
OLD = ("v1", "v2", "v3")
NEW = ("v4",)


class Action(StrEnum):
    """What is decided about; ``START`` is a join while no call runs."""

    ENTER = "enter"
    LIST = "list"
    JOIN = "join"
    START = "start"
    LEAVE = "leave"


class Outcome(StrEnum):
    """What came of a step: it may depend on what the app sends."""

    PASSED = "passed"
    DEPENDS = "depends"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was asked: its name, what came of it, and a sentence that says why.

    ``code`` is what clients find in ``data.error`` if it refuses, or would refuse; else empty.
    """

    rule: str
    outcome: Outcome
    says: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What API versions answer to an action now, and why; a refusal is the last step.

    ``not_asked`` names the rules that come after it. ``applies`` is False for joining while no call
    runs, and for starting one while one does: the steps say how it would be then.
    """

    action: Action
    versions: tuple[str, ...]
    steps: tuple[Step, ...]
    not_asked: tuple[str, ...] = ()
    applies: bool = True

    @property
    def rest(self) -> str:
        """Return in words what is not asked any more; empty if all is."""
        return ", ".join(wording.NAMES[rule] for rule in self.not_asked)

    @property
    def refused(self) -> Step | None:
        """Return the step that refuses, or None if the action is allowed."""
        return next((step for step in self.steps if step.outcome == Outcome.REFUSED), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether API versions let somebody in who enters first, as apps do, in one sentence."""

    versions: tuple[str, ...]
    can: bool
    says: str


@dataclass(frozen=True, slots=True)
class Report:
    """All decisions about one actor in one conversation.

    ``verdicts`` is one for all versions, or one for v1 to v3 and one for v4. ``note`` is what else
    there is to know about the actor, and may be empty.
    """

    conversation: Conversation
    name: str
    has_call: bool
    verdicts: tuple[Verdict, ...]
    decisions: tuple[Decision, ...]
    note: str = ""

    def verdict_of(self, version: str) -> Verdict:
        """Return the verdict of an API version."""
        return next(each for each in self.verdicts if version in each.versions)
