"""Internal signaling: a mailbox for each session, and a long poll that reads it.

The database holds all messages and the state of every conversation. When something changes, the
process that changed it publishes a *hint* to all processes (``wakeup``), and each wakes the polls
that it concerns (``hub``). A hint only makes the answer immediate; without one, polls look at the
database twice a second.
"""
