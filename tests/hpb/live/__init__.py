"""A site in a process of its own, beside a real signaling server."""
