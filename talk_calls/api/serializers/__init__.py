"""What comes in (``parameters``, made of ``fields``), and what goes out (all other modules).

An object that goes out is a table, ``tables`` says how it works. Wire names live here and nowhere
else in the package. No serializer asks the database.
"""
