"""The results of a decision: the rules that were asked, and the outcome of each."""

from dataclasses import dataclass
from enum import StrEnum

from talk_calls.models import Conversation
from talk_calls.reports.decisions import explanations

#: API versions that decide in the same way.
OLD = ("v1", "v2", "v3")
NEW = ("v4",)


class Action(StrEnum):
    """What somebody may want to do; ``START`` is a join while no call is running."""

    ENTER = "enter"
    LIST = "list"
    JOIN = "join"
    START = "start"
    LEAVE = "leave"


class Outcome(StrEnum):
    """The answer of a rule; ``DEPENDS`` means on what the app sends.

    ``LOWERED`` is no refusal, but takes away the role on which later rules depend.
    """

    PASSED = "passed"
    DEPENDS = "depends"
    LOWERED = "lowered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was asked: its name, its outcome, and a sentence that explains it.

    ``code`` is what clients get as ``data.error`` if the rule refuses or may refuse, else empty.
    """

    rule: str
    outcome: Outcome
    explanation: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What API versions answer to an action now, and why.

    A refusal is the last step; ``not_asked`` names the rules after it. ``applies`` is False for
    joining while no call is running, and for starting a call while one is: the steps are then those
    of the opposite case.
    """

    action: Action
    versions: tuple[str, ...]
    steps: tuple[Step, ...]
    not_asked: tuple[str, ...] = ()
    applies: bool = True

    @property
    def rest(self) -> str:
        """Return the names of the rules after a refusal, for people; empty if there are none."""
        return ", ".join(str(explanations.NAMES[rule]) for rule in self.not_asked)

    @property
    def refused(self) -> Step | None:
        """Return the step that refuses, or None if the action is allowed."""
        return next((step for step in self.steps if step.outcome == Outcome.REFUSED), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody can be in the call with these API versions, and why.

    Somebody who is not in the conversation yet enters it first, as apps do.
    """

    versions: tuple[str, ...]
    can: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class Report:
    """All decisions about one actor in one conversation.

    ``verdicts`` has one for all versions, or one for v1 to v3 and one for v4. ``note`` is a further
    remark on the actor, and may be empty. ``policy`` is what the site's policy answers about this
    user that is no part of a call, such as opening the conversation.
    """

    conversation: Conversation
    name: str
    has_call: bool
    verdicts: tuple[Verdict, ...]
    decisions: tuple[Decision, ...]
    note: str = ""
    policy: tuple[Step, ...] = ()

    def verdict_of(self, version: str) -> Verdict:
        """Return the verdict of an API version."""
        return next(each for each in self.verdicts if version in each.versions)
