"""Translated texts, in the types that commands need."""

from typing import cast

from django.utils.translation import gettext_lazy


def lazy(message: str) -> str:
    """Return a text in the language that is active when it is printed.

    It is what ``gettext_lazy`` returns. Django's commands and argparse print that as well, but are
    annotated to take ``str``.
    """
    return cast("str", gettext_lazy(message))
