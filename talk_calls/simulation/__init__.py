"""People, conversations and calls that never were, to try a site on and to measure it.

A deliberate exception: everywhere else history is written by ``services/locking.py`` alone, one
change after the other, under the lock of its conversation. A year of it would take a day that way,
so ``year`` writes finished calls in bulk and keeps the truths of the data model itself: a call ends
with its last leg, legs of one session do not overlap, a conversation has one call at a time, and
nothing is open or to come. It writes into conversations of its own only, which nobody else knows.
``live`` makes its conversations through the services and everything else over HTTP.
"""
