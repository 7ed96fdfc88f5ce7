"""External signaling: what this site and signaling servers ask and tell each other."""
