"""What the site behind an identity provider writes to know its users."""

from tests.hosts.page import use

use("oidc-backend", globals())
use("directory", globals())
