"""All changes of state: typed, atomic functions with keyword arguments, independent of HTTP."""
