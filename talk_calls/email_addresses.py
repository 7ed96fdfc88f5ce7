"""E-mail addresses to which the site sends mail: plain ones only.

An address may also be written with quotes, comments, a name, or several in one text (RFC 5322). No
provider gives out such addresses, and programs on a mail's way read them in different ways.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import EMAIL_MAX_LENGTH
from talk_calls.exceptions import InvalidValue

#: Characters before the @ (RFC 5321); Django lets only ASCII pass.
_LOCAL_MAX_LENGTH = 64


def checked(address: str) -> str:
    """Return the address in lower case, without spaces around it, and its domain in one spelling.

    Raises ``InvalidValue`` unless it is ``name@domain`` (the addr-spec of RFC 5322, as dot-atom),
    with up to 64 characters before the @ and 254 in all. A domain may have letters beyond ASCII;
    those that mail servers take for one domain are one (RFC 3490).
    """
    local, _at, domain = address.strip(" ").lower().rpartition("@")
    if len(local) > _LOCAL_MAX_LENGTH or len(domain) > EMAIL_MAX_LENGTH:
        raise _refusal()
    try:
        address = f"{local}@{_in_one_spelling(domain)}"
        validate_email(address)
    except (UnicodeError, ValidationError) as error:
        raise _refusal() from error
    if '"' in local or len(address) > EMAIL_MAX_LENGTH:
        raise _refusal()
    return address


def _refusal() -> InvalidValue:
    return InvalidValue(_("That is no e-mail address."))


def _in_one_spelling(domain: str) -> str:
    """Return the domain that mail for ``domain`` goes to, with letters beyond ASCII as such.

    Django and mail servers read full-width letters as plain ones, for example, and leave out marks
    that nobody sees. Raises ``UnicodeError`` if it is no domain, also in that spelling.
    """
    _require_domain(domain)
    in_ascii = domain.encode("idna")
    try:
        found = in_ascii.decode("idna")
    except UnicodeError:  # a newer spelling than Python knows (RFC 5891), which has only this one
        found = in_ascii.decode("ascii")
    _require_domain(found)
    return found


def _require_domain(text: str) -> None:
    if not all(map(_is_of_domain, text)):
        raise UnicodeError("no domain")


def _is_of_domain(letter: str) -> bool:
    """Tell whether it is a letter, mark, digit, dot or hyphen, which "[::1]" is not."""
    return letter in ".-" or unicodedata.category(letter)[0] in "LMN"
