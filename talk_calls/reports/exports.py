"""One call as data for other programs."""

from typing import Any

from talk_calls.reports.formatting import media_names
from talk_calls.reports.timeline import Timeline, TimelineLeg

#: The columns of ``leg_rows``, and the keys of each leg in ``call_facts``.
LEG_COLUMNS = (
    "name",
    "type",
    "identifier",
    "device",
    "joined",
    "left",
    "seconds",
    "reason",
    "media",
)


def call_facts(timeline: Timeline) -> dict[str, Any]:
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
        "legs": [_leg(leg, timeline) for leg in timeline.legs],
        "events": [
            {"at": event.at, "what": event.what, "who": event.who} for event in timeline.events
        ],
    }


def leg_rows(timeline: Timeline) -> list[list[Any]]:
    """Return the legs as rows for a spreadsheet; times are ISO 8601."""
    return [list(_flat(_leg(leg, timeline)).values()) for leg in timeline.legs]


def _leg(leg: TimelineLeg, timeline: Timeline) -> dict[str, Any]:
    values = (
        leg.name,
        leg.actor_type,
        leg.actor_id,
        leg.device,
        leg.joined_at,
        leg.left_at,
        round(leg.duration(timeline.now).total_seconds(), 3),
        leg.reason,
        media_names(leg.flags),
    )
    return dict(zip(LEG_COLUMNS, values, strict=True))


def _flat(leg: dict[str, Any]) -> dict[str, Any]:
    left = leg["left"].isoformat() if leg["left"] else None
    joined = leg["joined"].isoformat()
    return leg | {"joined": joined, "left": left, "media": ", ".join(leg["media"])}
