"""The place of an observer of requests to OCS endpoints: nobody, unless the site measures them.

Without one a request costs two comparisons with None more, which is why this is no Django signal.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Observer(Protocol):
    """Is told of requests by ``OCSView``, and changes nothing."""

    def measuring(self, request: HttpRequest) -> AbstractContextManager[None]:
        """Return what surrounds the handling of a request, up to a response that may come later."""

    def refused(self, request: HttpRequest, error: Exception, response: HttpResponseBase) -> None:
        """Note the exception of a request, and the response to it."""

    def answered(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Note a response before it is put into the envelope, which changes its status.

        A response that comes later has a placeholder, with the attribute ``waiting``, before it.
        """


class _Place:
    observer: Observer | None = None


#: Where the observer of this process stands.
place = _Place()
