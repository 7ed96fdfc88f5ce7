"""The demo site whose call page may be shown in pages of another site (docs/integrate.md)."""

from project.settings import *  # noqa: F403
from tests.hosts.page import use

HOST_PAGES = ["http://localhost:*", "http://127.0.0.1:*"]

use("embedding-settings", globals())
