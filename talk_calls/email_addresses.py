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
    """Return the address in lower case, without spaces around it.

    Raises ``InvalidValue`` unless it is ``name@domain`` (the addr-spec of RFC 5322, as dot-atom),
    with up to 64 characters before the @ and 254 in all. A domain may have letters beyond ASCII.
    """
    address = address.strip(" ").lower()
    local, _at, domain = address.rpartition("@")
    is_plain = '"' not in local and all(map(_is_of_domain, domain))
    if not is_plain or len(local) > _LOCAL_MAX_LENGTH or len(address) > EMAIL_MAX_LENGTH:
        raise InvalidValue(_("That is no e-mail address."))
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidValue(_("That is no e-mail address.")) from error
    return address


def _is_of_domain(letter: str) -> bool:
    """Tell whether it is a letter, mark, digit, dot or hyphen, which "[::1]" is not."""
    return letter in ".-" or unicodedata.category(letter)[0] in "LMN"
