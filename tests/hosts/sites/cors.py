"""A site whose API is used by pages of another origin."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.pages import run

FRONTENDS = ["https://app.example.org"]
CONTRACT_HOST = "tests.hosts.sites.cors_host.FrontendHost"

run("integrate.md", "cors-settings", globals())
