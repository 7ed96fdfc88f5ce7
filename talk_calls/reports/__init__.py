"""What operators read; the admin and the commands show the same reports.

A report takes its subject and the time, and returns querysets or dataclasses. It changes nothing,
and knows neither HTML nor terminals.
"""
