"""A site behind an identity provider, whose users have a UUID and need not have a user name."""

from tests.hosts.page import use
from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import INSTALLED_APPS

PROVIDER = "http://provider.invalid"  # the host of the contract starts one, and says where

INSTALLED_APPS += ["tests.hosts.provider_people"]
AUTH_USER_MODEL = "provider_people.ProviderUser"
ROOT_URLCONF = "tests.hosts.sites.oidc_urls"
CONTRACT_HOST = "tests.hosts.sites.oidc_host.OIDCHost"
OIDC_RP_CLIENT_ID = "talk"
OIDC_RP_CLIENT_SECRET = "a secret of this site and its provider"
OIDC_RP_SIGN_ALGO = "HS256"

use("oidc-settings", globals())
