"""Shapes: what comes in (``parameters``) and what goes out, a class per version where they differ.

Wire names live here and nowhere else in the package. No serializer asks the database.
"""
