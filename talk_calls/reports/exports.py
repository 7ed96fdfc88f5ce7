"""One call as data for other programs."""

from typing import Any

from talk_calls.reports.timeline import Stretch, Timeline
from talk_calls.reports.words import media

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


def call_facts(told: Timeline) -> dict[str, Any]:
    """Return the call with its legs and events, for JSON.

    Times are datetimes, and None where something goes on; spans are seconds; reasons are the words
    of ``LegReason``, empty for what has not ended.
    """
    return {
        "id": told.call.pk,
        "conversation": {"token": told.token or None, "name": told.name},
        "as_of": told.now,
        "started": told.call.started_at,
        "ended": told.ended_at,
        "seconds": round(told.duration.total_seconds(), 3),
        "started_by": told.started_by,
        "ended_by": told.ended_by,
        "reason": told.reason,
        "people": told.people,
        "peak": told.peak,
        "media": media(told.call.flags),
        "resumes": told.call.resumes_id,
        "legs": [_leg(stretch, told) for stretch in told.stretches],
        "events": [{"at": event.at, "what": event.what, "who": event.who} for event in told.events],
    }


def leg_rows(told: Timeline) -> list[list[Any]]:
    """Return the legs as rows for a spreadsheet; times are ISO 8601."""
    return [list(_flat(_leg(stretch, told)).values()) for stretch in told.stretches]


def _leg(stretch: Stretch, told: Timeline) -> dict[str, Any]:
    values = (
        stretch.name,
        stretch.actor_type,
        stretch.actor_id,
        stretch.device,
        stretch.joined_at,
        stretch.left_at,
        round(stretch.lasted(told.now).total_seconds(), 3),
        stretch.reason,
        media(stretch.flags),
    )
    return dict(zip(LEG_COLUMNS, values, strict=True))


def _flat(leg: dict[str, Any]) -> dict[str, Any]:
    left = leg["left"].isoformat() if leg["left"] else None
    joined = leg["joined"].isoformat()
    return leg | {"joined": joined, "left": left, "media": ", ".join(leg["media"])}
