"""Single faults of machines, each with what must come of it: `python -m tests.race.faults`."""
