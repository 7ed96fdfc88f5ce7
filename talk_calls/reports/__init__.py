"""What operators read, for the admin and the commands alike.

A report takes what to look at and the time, and returns plain rows or dataclasses; it changes
nothing, and knows neither HTML nor terminals.
"""
