"""Guests who call each other on a running server, over HTTP as any client does."""
