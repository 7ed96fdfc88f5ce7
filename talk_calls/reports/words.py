"""Numbers in words that people read."""

from datetime import timedelta

from talk_calls.constants import InCallFlag

_MEDIA = {
    InCallFlag.WITH_AUDIO: "audio",
    InCallFlag.WITH_VIDEO: "video",
    InCallFlag.WITH_PHONE: "phone",
}


def media(flags: int) -> list[str]:
    """Return what in-call flags stand for: any of ``audio``, ``video`` and ``phone``."""
    return [word for flag, word in _MEDIA.items() if flags & flag]


def counted(number: int, one: str) -> str:
    """Return a number with its noun: ``1 call``, ``2 calls``; ``person`` becomes ``people``."""
    many = "people" if one == "person" else f"{one}s"
    return f"{number:,} {one if number == 1 else many}"


def duration(span: timedelta) -> str:
    """Return hours, minutes and seconds such as ``1:02:03``; days count as hours."""
    seconds = int(span.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
