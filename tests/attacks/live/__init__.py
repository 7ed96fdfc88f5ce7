"""Attacks on a running server, with figures: each module has a function ``run() -> dict``."""
