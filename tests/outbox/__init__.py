"""What is stored for receivers of signals and of webhooks."""
