"""Settings of the demo site with themes of its admin that others made."""
