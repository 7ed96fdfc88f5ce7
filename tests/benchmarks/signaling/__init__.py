"""How much many clients of an HPB cost, all in: `python -m tests.benchmarks.signaling`."""
