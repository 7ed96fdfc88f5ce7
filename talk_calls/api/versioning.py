"""The API version of a request, which is the URL namespace it was routed through."""

from rest_framework.versioning import NamespaceVersioning

VERSIONS = ("v1", "v2", "v3")


class TalkVersioning(NamespaceVersioning):
    """``request.version`` is "v1", "v2" or "v3"."""

    allowed_versions = VERSIONS
