"""How made-up rows are told from real ones, so that all of them can be removed and nothing else."""

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.host.directory import has_django_groups
from talk_calls.models import Call, CallLeg, Conversation
from talk_calls.services.creation import generate_token

#: What the names of made-up users, groups and conversations begin with.
PREFIX = "sim-"

#: Where made-up users have their mail: a domain that can never be (RFC 2606).
DOMAIN = "sim.invalid"

#: What made-up conversations belong to (``object_type``), beside a token of their own kind.
OBJECT_TYPE = "talk-simulate"
TOKEN_PREFIX = "sim"


def token() -> str:
    """Return a token that nobody can guess, and that tells whose it is."""
    return TOKEN_PREFIX + generate_token()


def session_key(number: int) -> str:
    """Return the key of a made-up session; real ones are hex digits, so it is never one of those.

    ``number`` has 112 bits at most.
    """
    return f"{PREFIX}{number:028x}"


def conversations() -> QuerySet[Conversation]:
    """Return the made-up conversations."""
    return Conversation.objects.filter(object_type=OBJECT_TYPE, token__startswith=TOKEN_PREFIX)


def orphaned_calls() -> QuerySet[Call]:
    """Return made-up calls whose conversation somebody deleted; looks at all such calls."""
    legs = CallLeg.objects.filter(session_key__startswith=PREFIX)
    return Call.objects.filter(conversation=None, pk__in=legs.values("call"))


def users() -> QuerySet[HostUser]:
    """Return the made-up users: by name, without a password, and without a real address."""
    path = conf.directory.user_id_path()
    ours = Q(**{f"{path}__startswith": PREFIX})
    ours &= Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if email := conf.directory.email_path():
        ours &= Q(**{f"{email}__endswith": f"@{DOMAIN}"})
    found: QuerySet[HostUser] = get_user_model()._default_manager.filter(ours)
    return found


def groups() -> QuerySet[Group]:
    """Return the made-up groups, by name; none where users have no groups."""
    if not has_django_groups():
        return Group.objects.none()
    return Group.objects.filter(name__startswith=PREFIX, permissions=None)
