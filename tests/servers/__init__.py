"""Servers that tests, benchmarks and the race start for themselves, on the loopback interface."""
