"""The chat of a conversation, which nobody writes to: messages about what happened in it.

Clients open a conversation with its chat. ``history`` reads the messages, ``poll`` waits for new
ones.
"""
