"""Sites of other people's making, which must all keep one contract (contract.py)."""
