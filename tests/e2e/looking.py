"""What can be seen of a page by looking at it as others do."""

from axe_playwright_python.sync_playwright import Axe

from tests.e2e.visitors import DESKTOP, PHONE


def serious(page):
    """Return what axe finds that keeps people out: in each colour, on a desk and on a phone."""
    # Videos have no captions, as nobody writes them while people speak.
    options = {"rules": {"video-caption": {"enabled": False}}}
    found = set()
    for scheme in ("light", "dark"):
        for size in (PHONE, DESKTOP):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            # Colours that are still on their way to others are not what people read.
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
