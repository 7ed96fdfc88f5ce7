"""Limits of what one client may do in a time, counted in the cache."""
