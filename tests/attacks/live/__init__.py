"""Attacks on a running site whose cost is measured: `make attack`, or `python -m tests.attacks`.

Each module is an attack. Its docstring says what is tried, in a first line for the report, and
``run(site)`` tries it and returns figures of its own (``tests.attacks.harness.figures``), some with
a bound. What every attack cost the server, and the people who use it meanwhile, is measured around
it.
"""
