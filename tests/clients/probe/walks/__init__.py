"""What each client asks, one table for each."""

from tests.clients.probe.steps import Walk
from tests.clients.probe.walks.forms import FORMS
from tests.clients.probe.walks.guest import GUEST
from tests.clients.probe.walks.phones import ANDROID, IOS
from tests.clients.probe.walks.web_2021 import WEB_2021
from tests.clients.probe.walks.web_2023 import WEB_2023
from tests.clients.probe.walks.web_2025 import WEB_2025

WALKS: tuple[Walk, ...] = (WEB_2021, WEB_2023, WEB_2025, ANDROID, IOS, GUEST, FORMS)
