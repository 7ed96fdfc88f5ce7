"""The ways in which a site comes to be below a path."""

from enum import Enum

PREFIX = "/intranet"


class Kind(Enum):
    """Who tells Django the path, and whether the proxy takes it out of the requests."""

    ROOT_PATH = "uvicorn --root-path"
    FORCED = "FORCE_SCRIPT_NAME"
    FORCED_WHOLE = "FORCE_SCRIPT_NAME, and a proxy that changes no path"
    DJANGO = "uvicorn --root-path with Django's own application"
    SCRIPT_NAME = "SCRIPT_NAME of a WSGI server"
    FORCED_WSGI = "FORCE_SCRIPT_NAME under WSGI"

    @property
    def is_forced(self) -> bool:
        return self in {Kind.FORCED, Kind.FORCED_WHOLE, Kind.FORCED_WSGI}

    @property
    def is_wsgi(self) -> bool:
        return self in {Kind.SCRIPT_NAME, Kind.FORCED_WSGI}

    @property
    def is_stripped(self) -> bool:
        """Tell whether the proxy takes the path out of the requests."""
        return self is not Kind.FORCED_WHOLE
