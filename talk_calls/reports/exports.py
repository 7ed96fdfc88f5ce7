"""One call as a file: exact for programs, and as people read it in a spreadsheet."""

from datetime import datetime
from typing import TypedDict

from django.utils import translation
from django.utils.translation import gettext as _

from talk_calls.constants import ActorType
from talk_calls.reports.formatting import media_names, media_text, with_zone
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


def call_facts(timeline: Timeline) -> dict[str, object]:
    """Return the call with its legs and events, for JSON.

    Times are datetimes, None for what has not ended. Durations are seconds. Reasons are values of
    ``LegReason``, empty for what has not ended. Texts are English, whatever the reader's language.
    """
    with translation.override(None):
        return _facts(timeline)


def leg_headings() -> list[str]:
    """Return the headings of ``leg_rows`` in the active language; their order does not change."""
    return [
        _("Name"),
        _("Kind"),
        _("Identifier"),
        _("Device"),
        with_zone(_("Joined")),
        with_zone(_("Left")),
        _("Duration"),
        _("Reason"),
        _("Media"),
    ]


def leg_rows(timeline: Timeline) -> list[list[object]]:
    """Return the legs as rows for ``downloads.as_csv``, a running one with its time so far."""
    return [
        [
            leg.who,
            ActorType(leg.actor_type).label,
            leg.actor_id,
            leg.device,
            leg.joined_at,
            leg.left_at,
            leg.duration(timeline.now),
            leg.reason_text,
            media_text(leg.flags),
        ]
        for leg in timeline.legs
    ]


def _facts(timeline: Timeline) -> dict[str, object]:
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
