"""A user model of hosts behind an identity provider."""
