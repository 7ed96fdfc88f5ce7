"""The test site in server processes of its own, and HTTP clients for it."""
