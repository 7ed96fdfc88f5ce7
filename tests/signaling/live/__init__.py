"""The suite's site in server processes of its own, and people who speak HTTP with it."""
