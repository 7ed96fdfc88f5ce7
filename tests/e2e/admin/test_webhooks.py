"""Webhooks in the admin, with a receiver that listens."""

from collections.abc import Iterator

import pytest

from tests.e2e.admin.conftest import seed
from tests.e2e.admin.test_actions import give_a_reason, tab_to, too_wide
from tests.e2e.page_checks import axe_violations
from tests.e2e.visitors import PHONE
from tests.webhooks.receivers import Receiver, receiving

pytestmark = pytest.mark.package("standardwebhooks")

ENDPOINTS = "/admin/talk_calls/webhookendpoint/"
DELIVERIES = "/admin/talk_calls/webhookdelivery/"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver on this machine."""
    with receiving() as server:
        yield server


def test_an_endpoint_is_registered_fails_and_gets_everything_again(admin_site, operator, receiver):
    """By keyboard: add it, test it, see a dead letter, send it again when the receiver is back."""
    operator.set_default_timeout(30_000)
    operator.goto(f"{ENDPOINTS}add/")
    tab_to(operator, operator.get_by_label("Name"))
    operator.keyboard.type("Billing")
    tab_to(operator, operator.get_by_label("URL"))
    operator.keyboard.type(receiver.url)
    tab_to(operator, operator.get_by_label("A call started"))
    operator.keyboard.press("Space")
    tab_to(operator, operator.get_by_role("button", name="Save", exact=True))
    operator.keyboard.press("Enter")
    notice = operator.get_by_text("is shown only now: ").inner_text()
    secret = next(word for word in notice.split() if word.startswith("whsec_"))
    operator.goto(ENDPOINTS)
    assert secret not in operator.content()

    operator.get_by_role("link", name="Billing").click()
    operator.get_by_role("button", name="Send a test").click()
    operator.get_by_text("The receiver took it.").wait_for()
    assert axe_violations(operator) == set()
    assert [body["type"] for body in receiver.verified(secret)] == ["test"]

    receiver.answer = lambda handler: 500
    seed(admin_site, "happen")
    seed(admin_site, "deliver", True)
    operator.goto(DELIVERIES)
    operator.locator("#result_list tbody a").first.click()
    operator.get_by_text("HTTP 500").first.wait_for()
    assert axe_violations(operator) == set()

    receiver.answer = lambda handler: 204
    tab_to(operator, operator.get_by_role("button", name="Send again"))
    operator.keyboard.press("Enter")
    give_a_reason(operator, "Send again")
    operator.get_by_text("Sent again 1 webhook delivery.").wait_for()
    seed(admin_site, "deliver")
    operator.reload()
    operator.get_by_text("Delivered", exact=True).wait_for()
    _, refused, taken = receiver.verified(secret)
    assert refused == taken
    assert taken["number"] == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_pages(admin_site, operator, theme):
    """Forms, lists and objects, on a phone as well."""
    operator.set_default_timeout(30_000)
    seed(admin_site, "webhooks", 30)
    operator.emulate_media(color_scheme=theme)
    pages = ["/admin/talk_calls/", ENDPOINTS, f"{ENDPOINTS}add/", DELIVERIES]
    for path, model in ((ENDPOINTS, "webhookendpoint"), (DELIVERIES, "webhookdelivery")):
        operator.goto(path)
        link = operator.locator(f"a[href*='/{model}/'][href*='/change/']").first
        pages.append(link.get_attribute("href"))
    for page in pages:
        operator.goto(page)
        assert axe_violations(operator) == set(), page
    operator.set_viewport_size(PHONE)
    for page in pages:
        operator.goto(page)
        assert too_wide(operator) <= 0, page
    operator.goto(f"{ENDPOINTS}add/")
    boxes = [box.bounding_box() for box in operator.get_by_role("checkbox").all()]
    assert len({box["x"] for box in boxes}) == 1
