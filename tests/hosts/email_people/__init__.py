"""A user model of hosts that know people by e-mail address."""
