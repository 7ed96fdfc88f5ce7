"""Every change of state: keyword-only, typed, atomic functions that know no HTTP."""
