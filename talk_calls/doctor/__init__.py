"""Is everything healthy? Examinations that look, try and measure, and change nothing.

One module per examination. Each has a function that takes a ``Visit`` and returns findings; which
there are, and in which order, stands in ``registry``.
"""
