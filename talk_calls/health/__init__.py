"""Health checks of a running site: they look, try and measure, and change nothing.

``talk_calls.checks`` reads settings only; these checks also ask the database, other processes and
other servers. There is one module per check, named by what it checks. Each has a function ``run``
that takes a ``CheckContext`` and returns a list of ``Result``; ``registry`` lists them in order.
"""
