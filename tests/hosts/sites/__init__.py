"""Settings of the sites, one module each."""
