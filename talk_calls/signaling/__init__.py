"""Getting word to clients: internal signaling, a mailbox for each session and a long poll.

Rows in the database are the truth, hints between processes only make delivery immediate.
"""
