"""One call as data for other programs."""

from datetime import datetime
from typing import TypedDict

from talk_calls.reports.formatting import media_names
from talk_calls.reports.timeline import Timeline, TimelineLeg


class LegFacts(TypedDict):
    """One leg of a call."""

    name: str
    type: str
    identifier: str
    device: int
    joined: datetime
    left: datetime | None
    seconds: float
    reason: str
    media: list[str]


#: The columns of ``leg_rows``.
LEG_COLUMNS = tuple(LegFacts.__annotations__)


def call_facts(timeline: Timeline) -> dict[str, object]:
    """Return the call with its legs and events, for JSON.

    Times are datetimes, None for what has not ended. Durations are seconds. Reasons are values of
    ``LegReason``, empty for what has not ended.
    """
    return {
        "id": timeline.call.pk,
        "conversation": {"token": timeline.token or None, "name": timeline.name},
        "as_of": timeline.now,
        "started": timeline.call.started_at,
        "ended": timeline.ended_at,
        "seconds": round(timeline.duration.total_seconds(), 3),
        "started_by": timeline.started_by,
        "ended_by": timeline.ended_by,
        "reason": timeline.reason,
        "people": timeline.people,
        "peak": timeline.peak,
        "media": media_names(timeline.call.flags),
        "resumes": timeline.call.resumes_id,
        "signaling_server": timeline.call.signaling_server,
        "legs": [_leg(leg, timeline) for leg in timeline.legs],
        "events": [
            {"at": event.at, "what": event.what, "who": event.who} for event in timeline.events
        ],
    }


def leg_rows(timeline: Timeline) -> list[list[object]]:
    """Return the legs as rows for a spreadsheet; times are ISO 8601."""
    return [list(_flat(_leg(leg, timeline)).values()) for leg in timeline.legs]


def _leg(leg: TimelineLeg, timeline: Timeline) -> LegFacts:
    return {
        "name": leg.who,
        "type": leg.actor_type,
        "identifier": leg.actor_id,
        "device": leg.device,
        "joined": leg.joined_at,
        "left": leg.left_at,
        "seconds": round(leg.duration(timeline.now).total_seconds(), 3),
        "reason": leg.reason,
        "media": media_names(leg.flags),
    }


def _flat(leg: LegFacts) -> dict[str, object]:
    left = leg["left"].isoformat() if leg["left"] else None
    joined = leg["joined"].isoformat()
    return {**leg, "joined": joined, "left": left, "media": ", ".join(leg["media"])}
