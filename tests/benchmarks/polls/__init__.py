"""How much it takes to wait for signaling messages: `python -m tests.benchmarks.polls`."""
