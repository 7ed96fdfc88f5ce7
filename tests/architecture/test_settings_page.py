"""docs/settings.md lists the settings as they are."""

import ast
import re

from talk_calls.conf import DEFAULTS
from tests.reference_anchors import ROOT

PAGE = (ROOT / "docs/settings.md").read_text()


def test_every_setting_is_listed_with_its_default():
    """The first table has all keys, in the order of the code."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| [^|]+ \| `([^|]+)` \|", PAGE, re.M)
    assert [(key, ast.literal_eval(default)) for key, default in rows] == list(DEFAULTS.items())
