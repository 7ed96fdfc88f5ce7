"""The whole rule set against a small model of it, in any order of steps."""
