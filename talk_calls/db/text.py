"""Text that a database can take."""


def is_storable(text: str) -> bool:
    """Tell whether a database can store ``text``, and look it up.

    PostgreSQL has no NUL, and no database takes lone surrogates, which have no UTF-8. Text of
    clients in ``TextField`` has neither; JSON within JSON, command lines and headers may have both.
    """
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
