"""Comparing the messages about calls with the records of these calls."""

from collections import Counter

from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, Conversation, SystemMessage

ENDS = {"call_ended", "call_ended_everyone", "call_missed"}

#: Reasons with which everybody goes at once, so that no message says that each left.
FOR_EVERYBODY = {LegReason.ENDED_FOR_ALL, LegReason.READ_ONLY, LegReason.LOBBY}


def disagreements() -> list[str]:
    """Return the conversations whose messages do not tell of its calls, one after the other."""
    return [
        f"conversation {pk}: {found} messages, expected {expected}"
        for pk in Conversation.objects.values_list("pk", flat=True)
        for found, expected in [(_told(pk), _recorded(pk))]
        if found != expected
    ]


def _told(pk: int) -> Counter[str]:
    kinds = SystemMessage.objects.filter(conversation=pk, kind__startswith="call_")
    told: Counter[str] = Counter()
    is_running = False
    for kind in kinds.order_by("pk").values_list("kind", flat=True):
        told["ended" if kind in ENDS else kind.removeprefix("call_")] += 1
        if is_running == (kind == "call_started"):
            told[f"{kind} in disorder"] += 1
        if kind in ENDS or kind == "call_started":
            is_running = kind == "call_started"
    return told


def _recorded(pk: int) -> Counter[str]:
    calls = list(Call.objects.filter(conversation=pk))
    reasons = {call.pk: call.end_reason for call in calls}
    legs = list(CallLeg.objects.filter(call__conversation=pk))
    left = [
        leg
        for leg in legs
        if leg.left_at and not (leg.reason in FOR_EVERYBODY and leg.reason == reasons[leg.call_id])
    ]
    ended = sum(call.ended_at is not None for call in calls)
    return +Counter(started=len(calls), ended=ended, joined=len(legs) - len(calls), left=len(left))
