"""A site whose API is used by pages of another origin."""

from tests.hosts.page import use
from tests.hosts.sites.base import *  # noqa: F403

FRONTENDS = ["https://app.example.org"]
CONTRACT_HOST = "tests.hosts.sites.cors_host.FrontendHost"

use("cors-settings", globals())
