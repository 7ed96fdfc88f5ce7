"""The page "Why can't they join?" in a real browser."""

import os
from pathlib import Path

from tests.e2e.admin.conftest import seed
from tests.e2e.page_checks import axe_violations
from tests.e2e.visitors import DESKTOP, PHONE

ASKED = "/admin/talk_calls/conversation/why/?conversation=standup"


def picture(page, name):
    """Store a screenshot of the page in the directory ``PICTURES``."""
    if folder := os.environ.get("PICTURES"):
        for scheme in ("light", "dark"):
            for size in (PHONE, DESKTOP):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size(size)
                file = Path(folder) / f"{name}-{scheme}-{size['width']}.png"
                page.screenshot(path=file, full_page=True)


def test_by_keyboard(operator, admin_site):
    """From the conversation's list to the answer without a mouse."""
    seed(admin_site, "lobby_up")
    operator.goto("/admin/talk_calls/conversation/")
    link = operator.get_by_role("link", name="Why can't they join?")
    link.focus()
    operator.keyboard.press("Enter")
    operator.get_by_label("Conversation").focus()
    operator.keyboard.type("standup")
    operator.keyboard.press("Tab")
    operator.keyboard.type("bob")
    operator.keyboard.press("Enter")
    verdict = operator.locator(".talk-verdict")
    verdict.wait_for()
    assert " ".join(verdict.inner_text().split()) == (
        "No: bob cannot start a call: the lobby is up until a moderator takes it down; "
        "moderators pass."
    )


def test_for_everybody(operator, admin_site):
    """Nothing keeps people out, and nothing is wider than a phone."""
    seed(admin_site, "lobby_up")
    for asked, name in [("", "ask"), ("&user=bob", "refused"), ("&user=nobody", "unknown")]:
        operator.goto(ASKED + asked)
        picture(operator, f"why-{name}")
        assert axe_violations(operator) == set()
        operator.set_viewport_size({"width": 360, "height": 740})
        assert operator.evaluate("document.documentElement.scrollWidth") <= 360
