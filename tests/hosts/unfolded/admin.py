"""The host's admin, which registers ours anew."""

from tests.hosts.page import use

use("unfold-admin", globals())
