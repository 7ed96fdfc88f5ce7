"""The URLs of the site of Wagtail."""

from tests.hosts.page import use

use("wagtail-urls", globals())
