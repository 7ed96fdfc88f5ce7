"""The API version of a request, which is the URL namespace it was routed through."""

from rest_framework.versioning import NamespaceVersioning

VERSIONS = ("v1", "v2", "v3", "v4")

#: Where an attendee may be online on several devices at once (behaviour 3.1); elsewhere joining
#: replaces the session that was there.
SEVERAL_DEVICES = frozenset({"v4"})

#: Where a refusal says in ``data.error`` what it is about; elsewhere its data is an empty list.
NAMED_ERRORS = frozenset({"v4"})

#: Where the length of a conversation's name is counted in bytes (behaviour 6.2), not in characters.
NAMES_IN_BYTES = frozenset({"v1", "v2", "v3"})

#: Where both users of a new one-to-one belong to it at once (behaviour 6.2); elsewhere the other
#: one joins it with the first call.
PAIRED_AT_ONCE = frozenset({"v1", "v2", "v3"})
#: Where a description has the length that clients of before Talk 21 know (constants 1.7).
SHORT_DESCRIPTIONS = frozenset({"v3"})


class TalkVersioning(NamespaceVersioning):
    """``request.version`` is one of ``VERSIONS``."""

    allowed_versions = VERSIONS
