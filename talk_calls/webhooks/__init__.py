"""Webhooks: what happened, sent to other systems in order, signed, and at least once.

Nothing here runs in requests: they write events into the outbox, in the transaction of the change.
``manage.py talk_deliver`` distributes them to endpoints and sends them (docs/webhooks.md).
"""
