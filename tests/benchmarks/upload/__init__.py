"""What a page sends: `python -m tests.benchmarks.upload` measures calls of 2, 4, 6 and 8 pages."""
