"""People who call each other on a running server, over HTTP as any client does."""

from talk_calls.simulation.live.crowd import Plan, meet
from talk_calls.simulation.live.http import Unreachable
from talk_calls.simulation.live.measures import Measures

__all__ = ["Measures", "Plan", "Unreachable", "meet"]
