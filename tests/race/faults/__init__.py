"""Single faults of machines, and what must hold after each: `python -m tests.race.faults`."""
