"""External signaling: High-performance Backends (HPB), which carry signaling and media of clients.

An HPB asks this site who somebody is and whether they may enter (``signaling-server 3.2``), and
the site tells it who is in a conversation and in its call (``signaling-server 4``).
"""
