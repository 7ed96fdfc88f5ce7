"""Ask what Talk's clients ask in their first minute: `python -m tests.clients.probe`.

``walks`` has a table of requests for each client. ``device`` sends one request as a client does,
``walking`` goes through a table, ``people`` log in, ``announcement`` measures how soon the others
hear of a call, and ``report`` says what came back.
"""
