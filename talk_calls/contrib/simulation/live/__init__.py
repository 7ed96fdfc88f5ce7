"""Guests who call each other on a running server, over HTTP as any client does."""

from talk_calls.contrib.simulation.live.conversations import temporary_conversations
from talk_calls.contrib.simulation.live.guests import Plan, run
from talk_calls.contrib.simulation.live.measurements import Measurements

__all__ = ["Measurements", "Plan", "run", "temporary_conversations"]
