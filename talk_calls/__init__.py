"""The call API of Nextcloud Talk as an installable Django app."""

__version__ = "0.1.0"
