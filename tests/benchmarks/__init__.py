"""How much a request costs: `python -m tests.benchmarks` measures the demo site on PostgreSQL."""
