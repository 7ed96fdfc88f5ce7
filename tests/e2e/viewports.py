"""The windows, colours and languages in which the page must be usable."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from playwright.sync_api import Page

SIZES = {
    "desktop": {"width": 1440, "height": 900},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 360, "height": 640},
    "landscape": {"width": 640, "height": 360},
}
SCHEMES = ("light", "dark")


class Look(NamedTuple):
    """A window size by its name, and a colour scheme."""

    size: str
    scheme: str

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}"


ALL = [Look(size, scheme) for size in SIZES for scheme in SCHEMES]
#: What differs most; the others are between these.
FEW = [Look("phone", "light"), Look("landscape", "dark"), Look("desktop", "dark")]


def each_look(page: Page, looks: list[Look]) -> Iterator[Look]:
    """Give the page one look after the other, all transitions at their end, and its window back."""
    before = page.viewport_size
    for look in looks:
        page.set_viewport_size(SIZES[look.size])
        scheme: Any = look.scheme
        page.emulate_media(color_scheme=scheme)
        # The page answers to a new size in the next frame.
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        page.evaluate(
            """() => {
              for (const each of document.getAnimations())
                if (Number.isFinite(each.effect.getComputedTiming().endTime)) each.finish();
            }"""
        )
        yield look
    if before:
        page.set_viewport_size(before)
