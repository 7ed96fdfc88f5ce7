"""The demo site whose call page and API pages of another site may use (docs/integrate.md)."""

from project import settings as project_settings
from project.settings import *  # noqa: F403
from tests.pages import run

HOST_PAGES = ["http://localhost:*", "http://127.0.0.1:*"]

run("integrate.md", "embedding-settings", globals())
TALK_CALLS = project_settings.TALK_CALLS | TALK_CALLS  # noqa: F405 -- the block sets it

# CorsMiddleware compares whole origins, and the test's page has any port.
FRONTENDS: list[str] = []
CORS_ALLOWED_ORIGIN_REGEXES = [r"http://localhost:\d+"]

run("integrate.md", "cors-settings", globals())
