"""What the attacks on a running site, and the soak, share: the site, its state, its clients."""
