"""The demo site whose call page and API pages of another site may use (docs/integrate.md)."""

from project.settings import *  # noqa: F403
from tests.hosts.page import use

HOST_PAGES = ["http://localhost:*", "http://127.0.0.1:*"]

use("embedding-settings", globals())

# CorsMiddleware compares whole origins, and the test's page has any port.
FRONTENDS: list[str] = []
CORS_ALLOWED_ORIGIN_REGEXES = [r"http://localhost:\d+"]

use("cors-settings", globals())
