"""How simulated rows are recognized, so that all of them can be removed and no others."""

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.host.directory import has_django_groups
from talk_calls.models import Call, CallLeg, Conversation
from talk_calls.services.creation import generate_token

#: What the names of simulated users, groups and conversations begin with.
PREFIX = "sim-"

#: Domain of simulated users' e-mail addresses; it cannot exist (RFC 2606).
DOMAIN = "sim.invalid"

#: ``object_type`` of simulated conversations, and what their tokens begin with.
OBJECT_TYPE = "talk-simulate"
TOKEN_PREFIX = "sim"


def token() -> str:
    """Return an unguessable token for a simulated conversation."""
    return TOKEN_PREFIX + generate_token()


def session_key(number: int) -> str:
    """Return the key of a simulated session; never one of a real session, which is hexadecimal.

    ``number`` has 112 bits at most.
    """
    return f"{PREFIX}{number:028x}"


def conversations() -> QuerySet[Conversation]:
    """Return the simulated conversations."""
    return Conversation.objects.filter(object_type=OBJECT_TYPE, token__startswith=TOKEN_PREFIX)


def orphaned_calls() -> QuerySet[Call]:
    """Return simulated calls whose conversation is deleted; scans all calls without one."""
    legs = CallLeg.objects.filter(session_key__startswith=PREFIX)
    return Call.objects.filter(conversation=None, pk__in=legs.values("call"))


def users() -> QuerySet[HostUser]:
    """Return the simulated users, by name, unusable password and e-mail address."""
    is_simulated = Q(**{f"{get_user_model().USERNAME_FIELD}__startswith": PREFIX})
    is_simulated &= Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if email := conf.directory.email_path():
        is_simulated &= Q(**{f"{email}__endswith": f"@{DOMAIN}"})
    found: QuerySet[HostUser] = get_user_model()._default_manager.filter(is_simulated)
    return found


def groups() -> QuerySet[Group]:
    """Return the simulated groups, by name; none where users have no groups."""
    if not has_django_groups():
        return Group.objects.none()
    return Group.objects.filter(name__startswith=PREFIX, permissions=None)
