"""How much a request costs: `python -m bench` measures the demo site on PostgreSQL."""
