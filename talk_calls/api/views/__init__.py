"""Endpoints by noun; each only fetches, asks a service, and shapes."""
