"""What the site behind an identity provider writes to know its users."""

from tests.pages import run

run("integrate.md", "oidc-backend", globals())
