"""Random histories against real processes that are killed meanwhile: `python -m tests.race`."""
