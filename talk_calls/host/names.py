"""The names by which people see each other."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.utils import translation
from django.utils.translation import gettext as _

from talk_calls import names
from talk_calls.host.actors import HostUser

#: Characters at the end of a primary key that distinguish people who have no name.
_KEY_LENGTH = 6


def names_of(user: HostUser) -> Iterator[str]:
    """Yield the names that an account has, the best first; empty text for one that it lacks."""
    yield _full_name(user)
    yield _text(getattr(user, "display_name", None))
    yield _text(getattr(user, "name", None))
    yield _text(user.get_username())


def neutral_name(user: HostUser) -> str:
    """Return a name for an account that has none: "User 17", in the language of the site.

    It is stored, so it does not depend on the language of whoever asks. Of a long primary key it
    has the end, since keys that are made one after the other begin alike.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return _("User {key}").format(key=str(user.pk)[-_KEY_LENGTH:])


def _full_name(user: HostUser) -> str:
    """Return the full name without the word "None", which Django makes of a name that is null."""
    parts = [getattr(user, part, None) for part in ("first_name", "last_name")]
    # Not ``type(user)``: that of ``request.user`` is a wrapper without the methods of the model.
    get_full_name = getattr(user.__class__, "get_full_name", None)
    if get_full_name in {None, AbstractUser.get_full_name}:
        return " ".join(filter(None, map(_text, parts)))
    words = _text(user.get_full_name()).split()
    return " ".join(word for word in words if word != "None" or None not in parts)


def _text(name: object) -> str:
    return names.cleaned(" ".join(name.split())) if isinstance(name, str) else ""
