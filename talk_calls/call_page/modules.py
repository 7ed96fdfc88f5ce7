"""The modules of the page's script, which the page names so that browsers load all of them at once.

Otherwise a browser learns of a module from the one that imports it, round trip after round trip.
"""

import re
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import urljoin

from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static

#: Path of the script below the static files.
MAIN = PurePosixPath("talk_calls/call/main.js")

_STATIC_FILES = Path(__file__).parents[1] / "static"
_IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.[^"]+)";', re.MULTILINE)


def module_urls() -> list[str]:
    """Return the URLs from which the script loads its modules, without its own.

    A storage that gives files hashed names changes the names in ``import`` only with
    ``support_js_module_import_aggregation``; without that, browsers load the plain names. Another
    URL here would load the module twice.
    """
    if getattr(staticfiles_storage, "support_js_module_import_aggregation", False):
        return [static(str(path)) for path in imported_modules()]
    main = static(str(MAIN))
    return [urljoin(main, str(path.relative_to(MAIN.parent))) for path in imported_modules()]


@cache
def imported_modules() -> list[PurePosixPath]:
    """Return the paths of all modules that the script imports, nearest first; reads each once."""
    found = [MAIN]
    for path in found:
        found.extend(each for each in _imports(path) if each not in found)
    return found[1:]


def _imports(path: PurePosixPath) -> list[PurePosixPath]:
    names = _IMPORT.findall((_STATIC_FILES / path).read_text())
    return [PurePosixPath(normpath(path.parent / name)) for name in names]
