"""A site of Wagtail, whose pages may have any address."""

from tests.hosts.page import use
from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS += [
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
]
MIDDLEWARE += ["wagtail.contrib.redirects.middleware.RedirectMiddleware"]
WAGTAIL_SITE_NAME = "Intranet"
WAGTAILADMIN_BASE_URL = "http://testserver"
WAGTAILDOCS_EXTENSIONS = ["pdf"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
ROOT_URLCONF = "tests.hosts.sites.wagtail_site_urls"
CONTRACT_HOST = "tests.hosts.sites.wagtail_site_host.WagtailHost"

use("wagtail-settings", globals())
