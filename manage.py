#!/usr/bin/env python
"""Manage the demo site; an installed site has a manage.py of its own."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main(arguments: list[str]) -> None:
    """Run a command; without settings or database, of Django's own too, the error is one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        execute_from_command_line(arguments)
    except (ImproperlyConfigured, OperationalError, ModuleNotFoundError) as error:
        if "--traceback" in arguments or not _is_foreseen(error):
            raise
        sys.exit(f"{type(error).__name__}: {error}")


def _is_foreseen(error: Exception) -> bool:
    """Tell whether an error is one of the settings or database, and none of the code."""
    settings = os.environ["DJANGO_SETTINGS_MODULE"]
    return not isinstance(error, ModuleNotFoundError) or settings.startswith(error.name or " ")


if __name__ == "__main__":
    main(sys.argv)
