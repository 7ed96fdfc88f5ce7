"""Every state of the page in each window, colour scheme and language: it fits, and axe is content.

With ``PICTURES=folder`` each of them is photographed, so that a person can look.
"""

import os
from pathlib import Path

import pytest

from tests.e2e.page_checks import axe_findings, misfits
from tests.e2e.site import OWNER, PASSWORD, Meeting
from tests.e2e.viewports import ALL, FEW, each_look
from tests.e2e.visitors import until

PICTURES = os.environ.get("PICTURES")

#: Views that need people, and are reached as people reach them.
REACHED = {"call", "ready"}


class Gallery:
    """Checks states in several looks, and collects what is wrong."""

    def __init__(self, looks, language):
        self.looks, self.language = looks, language
        self.wrong = {}
        self.seen = set()

    def check(self, page, state):
        self.seen.add(state)
        for look in each_look(page, self.looks):
            if PICTURES:
                path = Path(PICTURES) / f"{state}-{look}-{self.language}.png"
                page.screenshot(path=path)
            if found := [*misfits(page), *axe_findings(page)]:
                self.wrong[f"{state} {look} {self.language}"] = found


@pytest.mark.parametrize(
    ("language", "looks"),
    [
        pytest.param("de", FEW, id="few"),
        pytest.param("en", ALL, id="en", marks=pytest.mark.nightly),
        pytest.param("de", ALL, id="de", marks=pytest.mark.nightly),
    ],
)
def test_matrix(visitor, meeting, language, looks):
    """Nothing scrolls sideways, is cut off or covers another; and axe finds nothing at all."""
    gallery = Gallery(looks, language)
    views = check_views(visitor, meeting, gallery)
    check_call(visitor, meeting, gallery)
    assert gallery.wrong == {}
    assert views - gallery.seen == set()


def check_views(visitor, meeting, gallery):
    """Show each view by hand, as some need an accident; words and layout are real."""
    nobody = visitor("Nobody", locale=gallery.language)
    nobody.meeting = Meeting(meeting.site, "nowhere")
    nobody.open()
    nobody.page.wait_for_function("() => document.body.dataset.view === 'not-found'")
    views = nobody.page.eval_on_selector_all(
        "section[data-view]", "(sections) => sections.map(({ dataset }) => dataset.view)"
    )
    for view in set(views) - REACHED:
        nobody.page.evaluate(
            """(view) => {
              document.body.dataset.view = view;
              for (const each of document.querySelectorAll("section[data-view]"))
                each.hidden = each.dataset.view !== view;
            }""",
            view,
        )
        gallery.check(nobody.page, view)
    return set(views)


def check_call(visitor, meeting, gallery):
    """Go into the call as a moderator, with a guest, and open what can be opened there."""
    alice = visitor("alice", locale=gallery.language)
    alice.page.goto(f"/accounts/login/?next=/call/{meeting.token}")
    alice.page.locator("[name=username]").fill(OWNER)
    alice.page.locator("[name=password]").fill(PASSWORD)
    alice.page.locator("[name=password]").press("Enter")
    join(alice, gallery)
    gallery.check(alice.page, "call-alone")
    ann = visitor("Ann", locale=gallery.language).open()
    join(ann, gallery)
    ann.page.locator("#hand").click()
    until(lambda: len(alice.names()) == 1, 30, alice.page)
    gallery.check(alice.page, "call")
    gallery.check(ann.page, "call-guest")
    alice.page.locator("#panel-button").click()
    gallery.check(alice.page, "panel")
    alice.page.locator("#people .more:visible").click()  # a new size would close the menu
    alice.page.locator("[role=menuitem]").last.click()
    gallery.check(alice.page, "question")


def join(visitor, gallery):
    """Join in any language, and check the view before that."""
    visitor.page.locator("#join").wait_for(timeout=30_000)
    if visitor.page.locator("#name").count():
        visitor.page.locator("#name").fill(visitor.name)
    gallery.check(visitor.page, "ready")
    visitor.page.locator("#join").click()
    visitor.page.locator("#leave").wait_for(timeout=30_000)
