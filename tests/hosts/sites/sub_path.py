"""A site below a path of its domain."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.pages import run

run("integrate.md", "sub-path-settings", globals())
