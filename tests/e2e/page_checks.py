"""Checks of a page as it is shown: its accessibility, and whether it fits the window."""

from axe_playwright_python.sync_playwright import Axe

from tests.e2e.visitors import DESKTOP, PHONE


def axe_violations(page):
    """Return the serious violations that axe finds, in each colour scheme and window size."""
    # A call is live, so its videos cannot have captions.
    options = {"rules": {"video-caption": {"enabled": False}}}
    found = set()
    for scheme in ("light", "dark"):
        for size in (PHONE, DESKTOP):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            # Axe must see the colours after their transitions.
            page.evaluate("for (const each of document.getAnimations()) each.finish()")
            for violation in Axe().run(page, options=options).response["violations"]:
                if violation["impact"] in {"serious", "critical"}:
                    nodes = [node["html"] for node in violation["nodes"]]
                    found.add((violation["id"], scheme, size["width"], *nodes))
    return found


def overflow(page):
    """Return by how many pixels the page is too wide, or in the call too high."""
    return page.evaluate(
        """() => {
          const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
          return Math.max(scrollWidth - clientWidth, scrollHeight - clientHeight);
        }"""
    )
