"""How the cost of a request grows: `python -m tests.benchmarks.growth`."""
