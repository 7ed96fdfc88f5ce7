"""Checks of a page as it is shown: its accessibility, and whether it fits the window."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from tests.e2e.viewports import ALL, each_look

#: A call is live, so its videos cannot have captions.
OPTIONS = {"rules": {"video-caption": {"enabled": False}}}

#: A function that returns what does not fit.
MISFITS = (Path(__file__).parent / "misfits.js").read_text()


def axe_findings(page, impacts=None):
    """Return what axe finds in the page as it is now, of some impacts or of all."""
    if not page.evaluate("() => Boolean(globalThis.axe)"):
        page.evaluate(Axe().axe_script)
    violations = page.evaluate("async (options) => (await axe.run(options)).violations", OPTIONS)
    return [
        (violation["id"], *(node["html"] for node in violation["nodes"]))
        for violation in violations
        if impacts is None or violation["impact"] in impacts
    ]


def axe_violations(page):
    """Return the serious violations in each look of a page whose frame is Django's admin."""
    found = {look: axe_findings(page, {"serious", "critical"}) for look in each_look(page, ALL)}
    return {violation for violations in found.values() for violation in violations}


def misfits(page):
    """Return what is wider than the window, cut off, or upon another thing that one may press."""
    return page.evaluate(MISFITS)


def overflow(page):
    """Return by how many pixels the page is too wide, or in the call too high."""
    return page.evaluate(
        """() => {
          const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
          return Math.max(scrollWidth - clientWidth, scrollHeight - clientHeight);
        }"""
    )
