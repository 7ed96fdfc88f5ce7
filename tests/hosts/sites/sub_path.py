"""A site below a path of its domain."""

from tests.hosts.page import use
from tests.hosts.sites.base import *  # noqa: F403

use("sub-path-settings", globals())
