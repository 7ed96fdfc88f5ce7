"""Simulated people, conversations and calls, to try a site on and to measure it.

An app of its own: a site that adds ``"talk_calls.contrib.simulation"`` to ``INSTALLED_APPS`` gets
``manage.py talk_simulate``.

The history of calls is otherwise written by ``talk_calls.services`` alone, one change at a time and
under the lock of its conversation. A year of history would take a day that way, so ``year`` inserts
finished calls in bulk. It keeps the rules of the data model: a call ends with its last leg, legs of
one session do not overlap, a conversation has one call at a time, and nothing is open or in the
future. It writes only into conversations that it made itself. ``live`` makes its conversations
through the services and does everything else over HTTP.
"""
